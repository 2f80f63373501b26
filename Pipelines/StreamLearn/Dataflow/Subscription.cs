namespace StreamLearn;

/// <summary>Reads a subscription into its stage and acknowledges each message when all that it caused has ended.</summary>
internal sealed class Subscription(PipelineRun run, Node node, SubscribeWork work, CancellationToken ending) : ITokenTarget
{
    private readonly Lock _lock = new();
    private readonly Stack<int> _free = [];
    private Message[] _inFlight = new Message[8];
    // before anybody publishes
    private readonly IAsyncEnumerable<Message> _messages = work.Transport.SubscribeAsync(work.Filter, work.Options, ending);
    private readonly Decode _decode = work.Open(run.Levels);
    private int _used;

    internal async Task ReadAsync(InletStage stage)
    {
        await foreach (var message in _messages.ConfigureAwait(false))
        {
            if (run.Stopping)
            {
                message.Refuse("stopped");
                message.Dispose();
                continue;
            }

            var token = run.Tokens.Rent(this, Keep(message));
            if (Take(message, token, out var value) is { } reason)
            {
                stage.Metrics.Dropped(reason, 1, 0);
                token.Release(processed: true);
                continue;
            }

            await stage.TryAddAsync(value!, token).ConfigureAwait(false);
        }
    }

    /// <inheritdoc />
    public void Ended(long id, bool processed)
    {
        Message message;
        lock (_lock)
        {
            message = _inFlight[id];
            _inFlight[id] = default;
            _free.Push((int)id);
        }

        try
        {
            if (processed) { message.Acknowledge(); }
            else { message.Refuse("stopped"); }
        }
        catch (Exception e)
        {
            // not the fault of the block that happened to end the message
            run.Fail(new(run.Pipeline.Name, node.Name, message.Origin.Sequence, e));
        }
    }

    /// <summary>Reads a message, and writes its arrival down where a run is recorded: codes of topic levels are given in that
    /// order.</summary>
    /// <returns>Why it cannot be used, or null.</returns>
    private string? Take(in Message message, Token token, out object? value)
    {
        if (run.Log is not { } log) { return Decode(message, token, out value); }
        lock (run.Levels)
        {
            var reason = Decode(message, token, out value);
            if (reason is not null) { return reason; }
            try
            {
                log.Arrived(node, message.Origin, run.TimeAt(run.Timestamp));
                return null;
            }
            catch
            {
                new Item(value!, token, 0, 0, 0, 0).End(processed: false);
                throw;
            }
        }
    }

    /// <summary>Reads the payload and gives its memory back.</summary>
    /// <returns>Why it cannot be used, or null.</returns>
    private string? Decode(in Message message, Token token, out object? value)
    {
        value = null;
        try
        {
            var received = new Received(message.Topic, message.Payload, message.IsRetained, message.Properties, message.IsRedelivered);
            return work.TryRead(node, _decode, received, run.Pool, out value);
        }
        catch
        {
            token.Release(processed: false);
            throw;
        }
        finally
        {
            message.Dispose();
        }
    }

    private long Keep(in Message message)
    {
        lock (_lock)
        {
            if (!_free.TryPop(out var id))
            {
                if (_used == _inFlight.Length) { Array.Resize(ref _inFlight, _used * 2); }
                id = _used++;
            }

            _inFlight[id] = message;
            return id;
        }
    }
}
