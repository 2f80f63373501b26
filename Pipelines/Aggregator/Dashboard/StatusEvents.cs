using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Aggregator;

/// <summary>Sends each reader, as server-sent events, what it lacks, at its pace. A slow reader skips to the newest status; a stuck one is
/// disconnected.</summary>
internal sealed class StatusEvents(StatusFeed feed, CancellationToken ending)
{
    internal const int MaxReaders = 32;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private int _readers;

    internal async Task SendAsync(HttpContext context)
    {
        var response = context.Response;
        if (HttpMethods.IsHead(context.Request.Method)) { return; }
        if (Interlocked.Increment(ref _readers) > MaxReaders)
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
            await SendAsync(response, over.Token).ConfigureAwait(false);
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

    private async Task SendAsync(HttpResponse response, CancellationToken over)
    {
        var cursor = default(StatusCursor);
        for (var number = 1; ; number++)
        {
            var (status, followed) = feed.Newest;
            using (var patience = CancellationTokenSource.CreateLinkedTokenSource(over))
            {
                patience.CancelAfter(Patience);
                var head = string.Create(CultureInfo.InvariantCulture, $"{(number == 1 ? "retry: 1000\n" : "")}id: {number}\ndata: ");
                await response.WriteAsync(head, patience.Token).ConfigureAwait(false);
                await response.Body.WriteAsync(StatusJson.Of(status, cursor), patience.Token).ConfigureAwait(false);
                await response.WriteAsync("\n\n", patience.Token).ConfigureAwait(false);
                await response.Body.FlushAsync(patience.Token).ConfigureAwait(false);
            }

            cursor = StatusCursor.After(status);
            await followed.WaitAsync(over).ConfigureAwait(false);
            await Task.Delay(ShortestPause, TimeProvider.System, over).ConfigureAwait(false);
        }
    }
}
