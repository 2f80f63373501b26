using Microsoft.AspNetCore.Http;

namespace Aggregator;

/// <summary>Sends statuses to readers as server-sent events: to each what it has not got, at its own pace. A slow one gets the newest when
/// it is ready for it.</summary>
/// <param name="feed">The statuses.</param>
/// <param name="ending">The program ends.</param>
internal sealed class StatusEvents(StatusFeed feed, CancellationToken ending)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(250);

    private readonly EventReaders _readers = new(ending);

    /// <summary>Answers a reader until one of the two ends.</summary>
    internal Task SendAsync(HttpContext context) => _readers.AnswerAsync(context, SendAsync);

    private async Task SendAsync(HttpResponse response, CancellationToken over)
    {
        var cursor = default(StatusCursor);
        for (var number = 1; ; number++)
        {
            var (status, followed) = feed.Newest;
            await EventReaders.SendAsync(response, number, StatusJson.Of(status, cursor), over).ConfigureAwait(false);
            cursor = StatusCursor.After(status);
            await followed.WaitAsync(over).ConfigureAwait(false);
            await Task.Delay(ShortestPause, TimeProvider.System, over).ConfigureAwait(false);
        }
    }
}
