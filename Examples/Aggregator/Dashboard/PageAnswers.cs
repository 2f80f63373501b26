using System.Text;
using Microsoft.AspNetCore.Http;

namespace Aggregator;

/// <summary>How pages for this machine answer: names of other machines are refused, and nothing is kept or taken from elsewhere.</summary>
internal static class PageAnswers
{
    private const string Policy = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Sets the headers of every answer, and refuses a request under the name of another machine.</summary>
    /// <returns>The refusal; null: the request may be answered.</returns>
    internal static Task? Begin(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        // a page of another site whose name leads to this machine would ask under that name
        return context.Request.Host.Host is "127.0.0.1" or "localhost" or "[::1]" or "::1" ? null
            : SayAsync(context, StatusCodes.Status421MisdirectedRequest, "expected a name of this machine, such as localhost");
    }

    /// <summary>Refuses a request that does not read.</summary>
    /// <returns>The refusal; null: the request may be answered.</returns>
    internal static Task? RefuseWriting(HttpContext context)
    {
        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)) { return null; }
        context.Response.Headers.Allow = "GET, HEAD";
        return SayAsync(context, StatusCodes.Status405MethodNotAllowed, "expected GET");
    }

    /// <summary>Answers with a sentence.</summary>
    internal static Task SayAsync(HttpContext context, int code, string text)
    {
        context.Response.StatusCode = code;
        return SendAsync(context, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text + "\n"));
    }

    /// <summary>Answers with bytes of a type.</summary>
    internal static Task SendAsync(HttpContext context, string type, ReadOnlyMemory<byte> bytes)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }
}
