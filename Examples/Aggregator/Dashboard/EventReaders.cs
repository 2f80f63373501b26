using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Aggregator;

/// <summary>Readers of server-sent events: so many at most, each at its own pace. One that takes nothing for some time is parted
/// from.</summary>
/// <param name="ending">The program ends.</param>
internal sealed class EventReaders(CancellationToken ending)
{
    /// <summary>Readers at most.</summary>
    internal const int Most = 32;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private int _readers;

    /// <summary>Answers a reader until one of the two ends.</summary>
    /// <param name="context">The request.</param>
    /// <param name="send">Sends events until it is canceled.</param>
    internal async Task AnswerAsync(HttpContext context, Func<HttpResponse, CancellationToken, Task> send)
    {
        var response = context.Response;
        if (HttpMethods.IsHead(context.Request.Method)) { return; }
        if (Interlocked.Increment(ref _readers) > Most)
        {
            Interlocked.Decrement(ref _readers);
            response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            response.Headers.RetryAfter = "5";
            return;
        }

        try
        {
            response.ContentType = "text/event-stream";
            using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, ending);
            await send(response, over.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            if (!ending.IsCancellationRequested) { context.Abort(); }
        }
        finally
        {
            Interlocked.Decrement(ref _readers);
        }
    }

    /// <summary>Sends one event.</summary>
    /// <param name="response">Where to.</param>
    /// <param name="number">Its number, from 1.</param>
    /// <param name="data">One line.</param>
    /// <param name="over">Gives up.</param>
    internal static async Task SendAsync(HttpResponse response, int number, ReadOnlyMemory<byte> data, CancellationToken over)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(over);
        patience.CancelAfter(Patience);
        var head = string.Create(CultureInfo.InvariantCulture, $"{(number == 1 ? "retry: 1000\n" : "")}id: {number}\ndata: ");
        await response.WriteAsync(head, patience.Token).ConfigureAwait(false);
        await response.Body.WriteAsync(data, patience.Token).ConfigureAwait(false);
        await response.WriteAsync("\n\n", patience.Token).ConfigureAwait(false);
        await response.Body.FlushAsync(patience.Token).ConfigureAwait(false);
    }
}
