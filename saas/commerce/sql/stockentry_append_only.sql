-- Of the statement, not of its rows: one that finds nothing is a mistake as well.
CREATE TRIGGER commerce_stockentry_append_only
BEFORE UPDATE OR DELETE ON commerce_stockentry
FOR EACH STATEMENT EXECUTE FUNCTION commerce_refuse_change()
