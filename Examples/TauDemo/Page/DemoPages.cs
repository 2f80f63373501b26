using System.Collections.Frozen;
using System.Text;
using Aggregator;
using Microsoft.AspNetCore.Http;

namespace TauDemo;

/// <summary>Answers requests: the page with what belongs to it, rounds as they come, and what viewers ask for.</summary>
/// <remarks>There is no login. Names of other machines are refused, and so are requests that a page of another site makes: those say where
/// they come from, or need leave that is never given.</remarks>
/// <param name="session">What is shown.</param>
/// <param name="ending">The program ends.</param>
internal sealed class DemoPages(IPageSession session, CancellationToken ending)
{
    private const string Policy = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    private const string CommandsPath = "/commands";

    private static readonly FrozenDictionary<string, DashboardAsset> Assets = new[]
    {
        DashboardAsset.Of("/", "index.html", "text/html; charset=utf-8"),
        DashboardAsset.Of("/dashboard.css", "dashboard.css", "text/css; charset=utf-8"),
        DashboardAsset.Of("/demo.css", "demo.css", "text/css; charset=utf-8"),
        DashboardAsset.Of("/demo.js", "demo.js", "text/javascript; charset=utf-8"),
        DashboardAsset.Of("/charts.js", "charts.js", "text/javascript; charset=utf-8"),
        DashboardAsset.Of("/favicon.svg", "favicon.svg", "image/svg+xml"),
        DashboardAsset.Of("/uplot.js", "uPlot.iife.min.js", "text/javascript; charset=utf-8"),
        DashboardAsset.Of("/uplot.css", "uPlot.min.css", "text/css; charset=utf-8"),
    }.ToFrozenDictionary(static a => a.Path, StringComparer.Ordinal);

    private readonly DemoEvents _events = new(session, ending);

    /// <summary>Answers a request.</summary>
    internal Task AnswerAsync(HttpContext context)
    {
        var (request, headers) = (context.Request, context.Response.Headers);
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        // a page of another site whose name leads to this machine would ask under that name
        if (!HttpAddress.IsOfThisMachine(request.Host.Host))
        {
            return SayAsync(context, StatusCodes.Status421MisdirectedRequest, "expected a name of this machine, such as localhost");
        }

        if (request.Path.Value == CommandsPath) { return TakeAsync(context); }
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            headers.Allow = "GET, HEAD";
            return SayAsync(context, StatusCodes.Status405MethodNotAllowed, "expected GET");
        }

        return request.Path.Value switch
        {
            "/events" => _events.SendAsync(context),
            "/digits" => SendAsync(context, "application/json", session.Digits),
            { } path when Assets.TryGetValue(path, out var asset) => SendAsync(context, asset.Type, asset.Bytes),
            _ => SayAsync(context, StatusCodes.Status404NotFound, "not here: / is the page, /events are the rounds"),
        };
    }

    private async Task TakeAsync(HttpContext context)
    {
        var (code, text) = await TakeAsync(context.Request).ConfigureAwait(false);
        if (code == StatusCodes.Status405MethodNotAllowed) { context.Response.Headers.Allow = "POST"; }
        if (code == StatusCodes.Status204NoContent) { context.Response.StatusCode = code; }
        else { await SayAsync(context, code, text).ConfigureAwait(false); }
    }

    private async Task<(int Code, string Text)> TakeAsync(HttpRequest request)
    {
        if (!HttpMethods.IsPost(request.Method)) { return (StatusCodes.Status405MethodNotAllowed, "expected POST"); }
        if (!IsOfThisPage(request)) { return (StatusCodes.Status403Forbidden, "expected a request of this page, or of a program"); }
        if (!request.HasJsonContentType()) { return (StatusCodes.Status415UnsupportedMediaType, "expected application/json"); }
        var bytes = new byte[SessionRequest.MostBytes + 1];
        var length = await request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, request.HttpContext.RequestAborted)
            .ConfigureAwait(false);
        if (length == bytes.Length) { return (StatusCodes.Status400BadRequest, $"expected at most {SessionRequest.MostBytes} bytes"); }
        if (!SessionRequest.TryParse(bytes.AsMemory(0, length), out var asked, out var reason))
        {
            return (StatusCodes.Status400BadRequest, reason);
        }

        if (asked.Pace is not null && !session.HasPace)
        {
            return (StatusCodes.Status400BadRequest, "time is real: expected set-case, set-delay or run-again");
        }

        return session.TryAsk(asked)
            ? (StatusCodes.Status204NoContent, "")
            : (StatusCodes.Status503ServiceUnavailable, "too much is asked for at once: try again");
    }

    /// <summary>Browsers say which page a request comes from; programs say nothing.</summary>
    private static bool IsOfThisPage(HttpRequest request)
    {
        var (origin, site) = (request.Headers.Origin, request.Headers["Sec-Fetch-Site"]);
        return (origin.Count == 0 || origin == $"{request.Scheme}://{request.Host.Value}")
            && (site.Count == 0 || site == "same-origin" || site == "none");
    }

    private static Task SayAsync(HttpContext context, int code, string text)
    {
        context.Response.StatusCode = code;
        return SendAsync(context, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text + "\n"));
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
