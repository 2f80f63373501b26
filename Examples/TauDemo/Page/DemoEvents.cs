using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace TauDemo;

/// <summary>Sends rounds to readers as server-sent events: first all that are kept, then each as it comes, to each reader at its own pace.
/// One that takes nothing for some time is parted from.</summary>
/// <param name="session">Where they come from.</param>
/// <param name="ending">The program ends.</param>
internal sealed class DemoEvents(IPageSession session, CancellationToken ending)
{
    /// <summary>Readers at most.</summary>
    internal const int MostReaders = 32;

    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private int _readers;

    /// <summary>Answers a reader until one of the two ends.</summary>
    internal async Task SendAsync(HttpContext context)
    {
        var response = context.Response;
        if (HttpMethods.IsHead(context.Request.Method)) { return; }
        if (Interlocked.Increment(ref _readers) > MostReaders)
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
        var (run, from) = (0, 0);
        for (var number = 1; ; number++)
        {
            var (view, followed) = session.Newest;
            if (view.Run != run) { (run, from) = (view.Run, 0); }
            using (var patience = CancellationTokenSource.CreateLinkedTokenSource(over))
            {
                patience.CancelAfter(Patience);
                var head = string.Create(CultureInfo.InvariantCulture, $"{(number == 1 ? "retry: 1000\n" : "")}id: {number}\ndata: ");
                await response.WriteAsync(head, patience.Token).ConfigureAwait(false);
                await response.Body.WriteAsync(view.ToJson(ref from), patience.Token).ConfigureAwait(false);
                await response.WriteAsync("\n\n", patience.Token).ConfigureAwait(false);
                await response.Body.FlushAsync(patience.Token).ConfigureAwait(false);
            }

            if (from == view.Next) { await Task.WhenAny(followed, Task.Delay(Beat, TimeProvider.System, over)).ConfigureAwait(false); }
            over.ThrowIfCancellationRequested();
        }
    }
}
