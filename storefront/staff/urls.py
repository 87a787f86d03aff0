from django.urls import path

from storefront.staff.views import find, labels, orders, queue, returns, routing, session, shipment

app_name = "staff"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("login/", session.ConsoleLogin.as_view(), name="login"),
    path("logout/", session.ConsoleLogout.as_view(), name="logout"),
    path("find/", find.find, name="find"),
    path("goods/<path:sku>/", find.sku, name="sku"),
    path("shipments/<str:number>/", shipment.shipment, name="shipment"),
    path("shipments/<str:number>/start/", shipment.start, name="start-picking"),
    path("shipments/<str:number>/scan/", shipment.scan, name="scan"),
    path("shipments/<str:number>/tick/", shipment.tick, name="tick"),
    path("shipments/<str:number>/pack/", shipment.pack, name="pack"),
    path("shipments/<str:number>/dispatch/", shipment.dispatch, name="dispatch"),
    path("shipments/<str:number>/label/", labels.ask, name="label"),
    path("shipments/<str:number>/label.pdf", labels.document, name="label-document"),
    path("shipments/<str:number>/deliver/", shipment.deliver, name="deliver"),
    path("shipments/<str:number>/short/", routing.report_short, name="short-pick"),
    path("shipments/<str:number>/resend/", routing.resend, name="resend"),
    path("shipments/<str:number>/pay-back/", routing.pay_back, name="refund-lost"),
    path("orders/<str:number>/", orders.order, name="order"),
    path("orders/<str:number>/release/", orders.release, name="release-order"),
    path("orders/<str:number>/cancel/", orders.cancel, name="cancel-order"),
    path("orders/<str:number>/way/", routing.override, name="override"),
    path("orders/<str:number>/transfer/", orders.confirm_transfer, name="confirm-transfer"),
    path("orders/<str:number>/carrier-charges/", orders.carrier_charges, name="carrier-charges"),
    path("refunds/<int:refund_id>/paid-back/", orders.paid_back, name="paid-back"),
    path("returns/", returns.returns, name="returns"),
    path("returns/<str:number>/", returns.goods_return, name="return"),
    path("returns/<str:number>/approve/", returns.approve, name="approve-return"),
    path("returns/<str:number>/reject/", returns.reject, name="reject-return"),
    path("returns/<str:number>/receive/", returns.receive, name="receive-return"),
    path("returns/<str:number>/inspect/", returns.inspect, name="inspect-return"),
    path("returns/<str:number>/refund/", returns.refund, name="refund-return"),
    path("returns/<str:number>/close/", returns.close, name="close-return"),
]
