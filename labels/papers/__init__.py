"""Papers that travel with a load, as PDF: waybill and blank form."""
