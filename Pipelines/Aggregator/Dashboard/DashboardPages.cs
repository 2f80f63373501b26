using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace Aggregator;

internal sealed class DashboardPages(StatusFeed feed, CancellationToken ending)
{
    private const string Policy = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly FrozenDictionary<string, DashboardAsset> Assets = new[]
    {
        DashboardAsset.Of("/", "index.html", "text/html; charset=utf-8"),
        DashboardAsset.Of("/style.css", "style.css", "text/css; charset=utf-8"),
        DashboardAsset.Of("/dashboard.css", "dashboard.css", "text/css; charset=utf-8"),
        DashboardAsset.Of("/dashboard.js", "dashboard.js", "text/javascript; charset=utf-8"),
        DashboardAsset.Of("/now.js", "now.js", "text/javascript; charset=utf-8"),
        DashboardAsset.Of("/charts.js", "charts.js", "text/javascript; charset=utf-8"),
        DashboardAsset.Of("/favicon.svg", "favicon.svg", "image/svg+xml"),
        DashboardAsset.Of("/uplot.js", "uPlot.iife.min.js", "text/javascript; charset=utf-8"),
        DashboardAsset.Of("/uplot.css", "uPlot.min.css", "text/css; charset=utf-8"),
    }.ToFrozenDictionary(static a => a.Path, StringComparer.Ordinal);

    private readonly StatusEvents _events = new(feed, ending);

    internal Task AnswerAsync(HttpContext context)
    {
        var (request, headers) = (context.Request, context.Response.Headers);
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        // prevents DNS rebinding from other sites
        if (!HttpAddress.IsOfThisMachine(request.Host.Host))
        {
            return SayAsync(context, StatusCodes.Status421MisdirectedRequest, "expected a name of this machine, such as localhost");
        }

        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            headers.Allow = "GET, HEAD";
            return SayAsync(context, StatusCodes.Status405MethodNotAllowed, "expected GET");
        }

        return request.Path.Value switch
        {
            "/events" => _events.SendAsync(context),
            "/status.json" => SendAsync(context, "application/json", StatusJson.Of(feed.Newest.Status)),
            { } path when Assets.TryGetValue(path, out var asset) => SendAsync(context, asset.Type, asset.Bytes),
            _ => SayAsync(context, StatusCodes.Status404NotFound, "not here: / is the page, /status.json the status"),
        };
    }

    private static Task SayAsync(HttpContext context, int code, string text)
    {
        context.Response.StatusCode = code;
        return SendAsync(context, "text/plain; charset=utf-8", System.Text.Encoding.UTF8.GetBytes(text + "\n"));
    }

    private static Task SendAsync(HttpContext context, string type, ReadOnlyMemory<byte> bytes)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }
}
