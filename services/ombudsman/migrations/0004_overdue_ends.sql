-- The end of a case ends what was overdue in it.
UPDATE escalation SET overdue = false WHERE overdue AND stage = 6;
