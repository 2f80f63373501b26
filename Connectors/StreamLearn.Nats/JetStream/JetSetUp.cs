using NATS.Client.JetStream;

namespace StreamLearn.Nats;

/// <summary>Sets the consumer of a reader up: at the start, over each new connection, and whenever the server has lost it; as often as it
/// takes.</summary>
internal sealed class JetSetUp(NatsLink link, JetReader reader, JetConsumer consumer)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(1);
    private const int NoSuchSubjects = 10093;
    private readonly Signal _toSet = new();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _refusedSince;             // of the clock; 0: it was not

    /// <summary>Done when the reader has begun to read, for the first time, or never will.</summary>
    internal Task Begun => _begun.Task;

    /// <summary>There is something to set up, or to end.</summary>
    internal void Ask() => _toSet.Raise();

    /// <summary>The reader reads no more.</summary>
    internal void GiveUp() => _begun.TrySetResult();

    /// <summary>Sets up what is asked for until the reader ends.</summary>
    internal async Task RunAsync()
    {
        while (true)
        {
            await _toSet.WaitAsync().ConfigureAwait(false);
            if (!await TryAsync().ConfigureAwait(false))
            {
                reader.GiveBack();
                return;
            }

            if (!reader.IsOver) { continue; }
            _begun.TrySetResult();
            if (!reader.Left.IsCompleted)
            {
                // Pulls end with their subscription. What comes back while a server of version 2.9 still has one, it counts as delivered
                // and lays aside until AckWait is over; it forgets pulls when it is asked for the consumer.
                try
                {
                    await reader.DrainAsync().ConfigureAwait(false);
                    await consumer.ForgetPullsAsync().ConfigureAwait(false);
                }
                catch (Exception e) { link.Note(e.Message); }       // what it holds goes back in any case
                finally { reader.GiveBack(); }
            }

            await consumer.LeaveAsync().ConfigureAwait(false);
            return;
        }
    }

    /// <summary>Sets up, and tries again until it succeeds or there is no reason for it any more.</summary>
    /// <returns>False: it never will.</returns>
    private async Task<bool> TryAsync()
    {
        var wait = FirstWait;
        while (reader.NeedsConsumer(out var connects, out var lowestOpen))
        {
            try
            {
                await reader.ListenAsync(connects).ConfigureAwait(false);
                var info = await consumer.SetAsync(connects, lowestOpen, link.Leaving).ConfigureAwait(false);
                if (!reader.Ready(info, connects)) { continue; }
                _refusedSince = 0;
                _begun.TrySetResult();
                return true;
            }
            catch (NatsJSApiException e) when (reader.Reading.IsOptional && e.Error.ErrCode == NoSuchSubjects)
            {
                _begun.TrySetResult();
                return false;
            }
            catch (Exception e)     // whatever it is: without a word the reader would wait for ever
            {
                link.Note(e.Message);
                if (IsFinal(e))
                {
                    reader.Fail(e);
                    return false;
                }
            }

            if (link.Leaving.IsCancellationRequested) { return true; }
            await Task.Delay(wait, link.Time, link.Leaving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (wait < MaxWait) { wait *= 2; }
        }

        return true;
    }

    /// <summary>True if it is not worth another try. What has worked may be refused for some time: a server that came back answers before
    /// it knows all that its cluster knows.</summary>
    private bool IsFinal(Exception failure)
    {
        if (NatsApi.IsTransient(failure)) { return false; }
        if (!reader.HasBegun) { return true; }
        if (_refusedSince == 0) { _refusedSince = link.Time.GetTimestamp(); }
        return link.Time.GetElapsedTime(_refusedSince) > link.ReplyDeadline;
    }
}
