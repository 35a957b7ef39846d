"""One folder for each department, one for the family case; `departments.py` lists the departments once."""
