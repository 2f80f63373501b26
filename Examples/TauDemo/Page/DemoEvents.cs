using Aggregator;
using Microsoft.AspNetCore.Http;

namespace TauDemo;

/// <summary>Sends rounds to readers as server-sent events: first all that are kept, then each as it comes, to each reader at its own
/// pace.</summary>
/// <param name="session">Where they come from.</param>
/// <param name="ending">The program ends.</param>
internal sealed class DemoEvents(DemoSession session, CancellationToken ending)
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(2);

    private readonly EventReaders _readers = new(ending);

    /// <summary>Answers a reader until one of the two ends.</summary>
    internal Task SendAsync(HttpContext context) => _readers.AnswerAsync(context, SendAsync);

    private async Task SendAsync(HttpResponse response, CancellationToken over)
    {
        var (run, from) = (0, 0);
        for (var number = 1; ; number++)
        {
            var (view, followed) = session.Newest;
            if (view.Run != run) { (run, from) = (view.Run, 0); }
            await EventReaders.SendAsync(response, number, view.ToJson(ref from), over).ConfigureAwait(false);
            if (from == view.Next) { await Task.WhenAny(followed, Task.Delay(Beat, TimeProvider.System, over)).ConfigureAwait(false); }
            over.ThrowIfCancellationRequested();
        }
    }
}
