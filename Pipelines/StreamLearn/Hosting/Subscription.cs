namespace StreamLearn;

/// <summary>Reads a subscription into its stage and acknowledges each message when all that it caused has ended.</summary>
internal sealed class Subscription(PipelineRun run, Node node, SubscribeWork work) : ITokenTarget
{
    private readonly Lock _lock = new();
    private readonly Stack<int> _free = [];
    private Message[] _inFlight = new Message[8];
    private readonly IAsyncEnumerable<Message> _messages = work.Transport.SubscribeAsync(work.Filter, work.Options, run.SourcesEnd);    // before anybody publishes
    private int _used;

    internal async Task ReadAsync(InletStage stage, CancellationToken cancellationToken)
    {
        await foreach (var message in _messages.ConfigureAwait(false))
        {
            if (run.Stopping)
            {
                message.Refuse("stopped");
                message.Dispose();
                continue;
            }

            var reason = Decode(message, out var value);
            message.Dispose();
            if (reason is not null)
            {
                stage.Metrics.Dropped(reason, 1, 0);
                message.Acknowledge();
                continue;
            }

            run.Log?.Arrived(node, message.Origin, run.TimeAt(run.Timestamp));
            var token = run.Tokens.Rent(this, Keep(message));
            if (!await AddAsync(stage, value!, token).ConfigureAwait(false))
            {
                (value as IDisposable)?.Dispose();
                token.Release(processed: false);
            }
        }
    }

    public void Ended(long id, bool processed)
    {
        Message message;
        lock (_lock)
        {
            message = _inFlight[id];
            _inFlight[id] = default;
            _free.Push((int)id);
        }

        if (processed) { message.Acknowledge(); }
        else { message.Refuse("stopped"); }
    }

    private async ValueTask<bool> AddAsync(InletStage stage, object value, Token token)
    {
        try
        {
            return await stage.AddAsync(value, token, run.Stopped).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private string? Decode(in Message message, out object? value)
    {
        value = null;
        if (message.Payload.Length > work.Options.MaxPayloadBytes) { return "oversized"; }
        value = work.Decode(message.Payload, run.Pool);
        return value is null ? "malformed" : null;
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
