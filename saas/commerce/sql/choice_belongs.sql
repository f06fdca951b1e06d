-- Composite keys: Django keeps the three relations, the database keeps them together.
ALTER TABLE commerce_choice
    ADD CONSTRAINT commerce_choice_variant_of_product
        FOREIGN KEY (variant_id, product_id) REFERENCES commerce_variant (id, product_id),
    ADD CONSTRAINT commerce_choice_option_of_product
        FOREIGN KEY (option_id, product_id) REFERENCES commerce_option (id, product_id),
    ADD CONSTRAINT commerce_choice_value_of_option
        FOREIGN KEY (value_id, option_id) REFERENCES commerce_optionvalue (id, option_id)
