-- A customer sees and changes their own rows, whoever sees all does so with every row, and nobody else finds any.
-- A customer's id is the visitor's. What hangs on a row is seen with it: the policy of the row above answers.
-- Left out is what a verb must read of others: whom a coupon is for (none means everybody), and what is counted over all
-- customers and kept in rows of its own (the coupon's uses, the product's rating, the last number of an order).
-- Each function is asked once for a statement, hence the SELECT around it. A backup is made by a login of its own.

ALTER TABLE commerce_customer ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON commerce_customer TO tenant
USING ((SELECT actor_sees_all()) OR visitor_id = (SELECT current_visitor()))
WITH CHECK ((SELECT actor_sees_all()) OR visitor_id = (SELECT current_visitor()));
CREATE POLICY backup_rows ON commerce_customer FOR SELECT TO backup USING (true);

ALTER TABLE commerce_phone ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON commerce_phone TO tenant
USING ((SELECT actor_sees_all()) OR customer_id = (SELECT current_visitor()))
WITH CHECK ((SELECT actor_sees_all()) OR customer_id = (SELECT current_visitor()));
CREATE POLICY backup_rows ON commerce_phone FOR SELECT TO backup USING (true);

ALTER TABLE commerce_address ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON commerce_address TO tenant
USING ((SELECT actor_sees_all()) OR customer_id = (SELECT current_visitor()))
WITH CHECK ((SELECT actor_sees_all()) OR customer_id = (SELECT current_visitor()));
CREATE POLICY backup_rows ON commerce_address FOR SELECT TO backup USING (true);

ALTER TABLE commerce_wishlist ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON commerce_wishlist TO tenant
USING ((SELECT actor_sees_all()) OR customer_id = (SELECT current_visitor()))
WITH CHECK ((SELECT actor_sees_all()) OR customer_id = (SELECT current_visitor()));
CREATE POLICY backup_rows ON commerce_wishlist FOR SELECT TO backup USING (true);

ALTER TABLE commerce_cart ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON commerce_cart TO tenant
USING ((SELECT actor_sees_all()) OR customer_id = (SELECT current_visitor()))
WITH CHECK ((SELECT actor_sees_all()) OR customer_id = (SELECT current_visitor()));
CREATE POLICY backup_rows ON commerce_cart FOR SELECT TO backup USING (true);

ALTER TABLE commerce_order ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON commerce_order TO tenant
USING ((SELECT actor_sees_all()) OR customer_id = (SELECT current_visitor()))
WITH CHECK ((SELECT actor_sees_all()) OR customer_id = (SELECT current_visitor()));
CREATE POLICY backup_rows ON commerce_order FOR SELECT TO backup USING (true);

ALTER TABLE commerce_couponuse ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON commerce_couponuse TO tenant
USING ((SELECT actor_sees_all()) OR customer_id = (SELECT current_visitor()))
WITH CHECK ((SELECT actor_sees_all()) OR customer_id = (SELECT current_visitor()));
CREATE POLICY backup_rows ON commerce_couponuse FOR SELECT TO backup USING (true);

ALTER TABLE commerce_wishlistitem ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON commerce_wishlistitem TO tenant
USING ((SELECT actor_sees_all()) OR EXISTS (SELECT FROM commerce_wishlist AS above WHERE above.id = wishlist_id))
WITH CHECK ((SELECT actor_sees_all()) OR EXISTS (SELECT FROM commerce_wishlist AS above WHERE above.id = wishlist_id));
CREATE POLICY backup_rows ON commerce_wishlistitem FOR SELECT TO backup USING (true);

ALTER TABLE commerce_cartline ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON commerce_cartline TO tenant
USING ((SELECT actor_sees_all()) OR EXISTS (SELECT FROM commerce_cart AS above WHERE above.id = cart_id))
WITH CHECK ((SELECT actor_sees_all()) OR EXISTS (SELECT FROM commerce_cart AS above WHERE above.id = cart_id));
CREATE POLICY backup_rows ON commerce_cartline FOR SELECT TO backup USING (true);

ALTER TABLE commerce_orderitem ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON commerce_orderitem TO tenant
USING ((SELECT actor_sees_all()) OR EXISTS (SELECT FROM commerce_order AS above WHERE above.id = order_id))
WITH CHECK ((SELECT actor_sees_all()) OR EXISTS (SELECT FROM commerce_order AS above WHERE above.id = order_id));
CREATE POLICY backup_rows ON commerce_orderitem FOR SELECT TO backup USING (true);

ALTER TABLE commerce_orderchange ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON commerce_orderchange TO tenant
USING ((SELECT actor_sees_all()) OR EXISTS (SELECT FROM commerce_order AS above WHERE above.id = order_id))
WITH CHECK ((SELECT actor_sees_all()) OR EXISTS (SELECT FROM commerce_order AS above WHERE above.id = order_id));
CREATE POLICY backup_rows ON commerce_orderchange FOR SELECT TO backup USING (true);

ALTER TABLE commerce_payment ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON commerce_payment TO tenant
USING ((SELECT actor_sees_all()) OR EXISTS (SELECT FROM commerce_order AS above WHERE above.id = order_id))
WITH CHECK ((SELECT actor_sees_all()) OR EXISTS (SELECT FROM commerce_order AS above WHERE above.id = order_id));
CREATE POLICY backup_rows ON commerce_payment FOR SELECT TO backup USING (true);

ALTER TABLE commerce_paymentstep ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON commerce_paymentstep TO tenant
USING ((SELECT actor_sees_all()) OR EXISTS (SELECT FROM commerce_payment AS above WHERE above.id = payment_id))
WITH CHECK ((SELECT actor_sees_all()) OR EXISTS (SELECT FROM commerce_payment AS above WHERE above.id = payment_id));
CREATE POLICY backup_rows ON commerce_paymentstep FOR SELECT TO backup USING (true)
