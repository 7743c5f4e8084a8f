"""The guide, clause by clause: every clause of md. 4 to 8 by its number, and what kanit does on its account.

A clause about a screen of ÜTS (buttons, codes by e-mail) is tested by what it means for an application: which fields
there are, which there are not, and that nothing is asked for that the clause does not ask for.
"""
