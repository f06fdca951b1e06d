CREATE TRIGGER commerce_couponuse_counted
AFTER INSERT OR UPDATE ON commerce_couponuse
FOR EACH ROW EXECUTE FUNCTION commerce_count_coupon_use()
