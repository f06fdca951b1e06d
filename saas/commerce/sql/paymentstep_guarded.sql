CREATE TRIGGER commerce_paymentstep_guarded
BEFORE UPDATE OR DELETE ON commerce_paymentstep
FOR EACH ROW EXECUTE FUNCTION commerce_guard_payment_step()
