CREATE TRIGGER commerce_paymentstep_applied
AFTER INSERT OR UPDATE ON commerce_paymentstep
FOR EACH ROW EXECUTE FUNCTION commerce_apply_payment_step()
