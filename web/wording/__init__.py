"""The words of the screens: every enum member, error and date in Indonesian."""
