"""The shopper's pages of one shop."""

from django.urls import path

from storefront.pages import (
    account,
    cart,
    catalogue,
    checkout,
    crawlers,
    home,
    order,
    order_lookup,
    order_return,
    paying,
    product,
    texts,
)

app_name = "shop"
urlpatterns = [
    path("", home.home, name="home"),
    path("c/<str:slug>/", catalogue.category, name="category"),
    path("p/<str:slug>/", product.product, name="product"),
    path("search/", catalogue.search, name="search"),
    path("cart/", cart.cart, name="cart"),
    path("cart/add/", cart.add, name="cart-add"),
    path("cart/badge/", cart.badge, name="cart-badge"),
    path("cart/switch/", cart.switch, name="cart-switch"),
    path("checkout/", checkout.address, name="checkout"),
    path("checkout/delivery/", checkout.delivery, name="checkout-delivery"),
    path("checkout/payment/", checkout.payment, name="checkout-payment"),
    path("checkout/return/<str:token>/", paying.come_back, name="checkout-return"),
    path("orders/", order_lookup.lookup, name="order-lookup"),
    path("orders/<str:token>/", order.order, name="order"),
    path("orders/<str:token>/pay/", paying.pay_again, name="order-pay"),
    path("orders/<str:token>/return/", order_return.request_goods_return, name="order-return"),
    path("returns/<str:token>/", order_return.goods_return, name="return"),
    path("info/<slug:slug>/", texts.text, name="text"),
    path("account/", account.account, name="account"),
    path("sitemap.xml", crawlers.shop_sitemap, name="sitemap"),
]
