using System.Buffers;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace StreamLearn.Simulation;

/// <summary>Emulates a link in real time over any transport, with the rate, delay, losses and outages of a profile. Publications use the
/// uplink, subscriptions the downlink.</summary>
/// <remarks> Each direction is a first-come-first-served token bucket for all topics. Profile times count from the link's creation; bytes
/// are payload bytes. The link has no buffer of its own: a publication waits in its caller's call, and the capacity of a subscription
/// limits its messages in transit. It acknowledges nothing. Messages in transit when a subscription ends are refused, as if never received.
/// </remarks>
public sealed class PlayedLink : ITransport
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly PlayedDirection _up;
    private readonly PlayedDirection _down;
    private Task _begun = Task.CompletedTask;      // the last publication

    /// <summary>Creates a link and starts its time.</summary>
    /// <param name="inner">The transport that carries the messages; disposed with the link.</param>
    /// <param name="link">The profile.</param>
    /// <param name="seed">Seed of losses and delay variation.</param>
    /// <param name="device">The device, whose name varies the random numbers.</param>
    /// <param name="burstBytes">Maximum burst after idle time in bytes, 1,600 to 65,536.</param>
    /// <param name="time">The clock; null: the system's.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public PlayedLink(ITransport inner, LinkProfile link, long seed = 0, string device = "",
        int burstBytes = 16 << 10, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(device);
        Profiles.Require(burstBytes is >= 1_600 and <= 65_536, nameof(burstBytes), "1600 to 65536", burstBytes);
        (Inner, Profile, _time) = (inner, link.Checked(), time ?? TimeProvider.System);
        _up = new(Profile, Profile.UpBitsPerSecond, burstBytes, new(seed, "link-up", device));
        _down = new(Profile, Profile.DownBitsPerSecond, burstBytes, new(seed, "link-down", device));
        _start = _time.GetTimestamp();
    }

    /// <summary>The transport that carries the messages.</summary>
    public ITransport Inner { get; }

    /// <summary>The profile.</summary>
    public LinkProfile Profile { get; }

    /// <inheritdoc />
    public string Name => Inner.Name;

    /// <inheritdoc />
    public int MaxInFlight => Inner.MaxInFlight;

    private TimeSpan Elapsed => _time.GetElapsedTime(_start);

    /// <summary>Publishes a message after the delay of the link, in order of the calls.</summary>
    /// <inheritdoc />
    public async ValueTask PublishAsync(
        Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        TimeSpan arrives;
        Task before;
        lock (_lock)
        {
            arrives = _up.Send(Elapsed, payload.Length).Arrives;
            (before, _begun) = (_begun, begun.Task);
        }

        ValueTask published;
        try
        {
            await UntilAsync(arrives, cancellationToken).ConfigureAwait(false);
            await before.WaitAsync(cancellationToken).ConfigureAwait(false);
            published = Inner.PublishAsync(topic, payload, options, cancellationToken);
        }
        finally { _ = EndAfterAsync(before, begun); }

        await published.ConfigureAwait(false);
    }

    /// <inheritdoc />
    public IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var left = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        return ReadAsync(Inner.SubscribeAsync(filter, options, left.Token), options.Capacity, left, cancellationToken);
    }

    /// <inheritdoc />
    public IAsyncEnumerable<ConnectionChange> ConnectionsAsync(CancellationToken cancellationToken) =>
        Inner.ConnectionsAsync(cancellationToken);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Inner.DisposeAsync();

    /// <summary>Lets a canceled publication keep its position, so that later ones still wait for earlier ones.</summary>
    private static async Task EndAfterAsync(Task before, TaskCompletionSource begun)
    {
        await before.ConfigureAwait(false);
        begun.SetResult();
    }

    private async IAsyncEnumerable<Message> ReadAsync(IAsyncEnumerable<Message> messages, int capacity, CancellationTokenSource left,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var onTheWay = Channel.CreateBounded<(Message Message, TimeSpan Arrives)>(
            new BoundedChannelOptions(capacity) { SingleReader = true, SingleWriter = true });
        using var over = new CancellationTokenSource();
        var taking = TakeAsync(messages, onTheWay.Writer, over.Token);
        try
        {
            while (await onTheWay.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
            {
                while (onTheWay.Reader.TryPeek(out var next))
                {
                    var hasArrived = await HasArrivedAsync(next.Arrives, cancellationToken).ConfigureAwait(false);
                    onTheWay.Reader.TryRead(out next);
                    if (hasArrived) { yield return next.Message; }
                    else { Refuse(next.Message); }
                }
            }
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await left.CancelAsync().ConfigureAwait(false);
            await taking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (onTheWay.Reader.TryRead(out var next)) { Refuse(next.Message); }
            left.Dispose();
        }
    }

    /// <summary>Up to the limit in transit; passes failures to the reader. <paramref name="over"/>: the reader has ended.</summary>
    private async Task TakeAsync(IAsyncEnumerable<Message> messages, ChannelWriter<(Message, TimeSpan)> onTheWay, CancellationToken over)
    {
        Exception? failure = null;
        try
        {
            var reader = messages.GetAsyncEnumerator(CancellationToken.None);
            await using var _ = reader.ConfigureAwait(false);
            while (await onTheWay.WaitToWriteAsync(over).ConfigureAwait(false) && await reader.MoveNextAsync().ConfigureAwait(false))
            {
                TimeSpan arrives;
                lock (_lock) { arrives = _down.Send(Elapsed, reader.Current.Payload.Length).Arrives; }
                onTheWay.TryWrite((reader.Current, arrives));
            }
        }
        catch (Exception e) { failure = over.IsCancellationRequested ? null : e; }

        onTheWay.TryComplete(failure);
    }

    private async ValueTask<bool> HasArrivedAsync(TimeSpan arrives, CancellationToken cancellationToken)
    {
        try { await UntilAsync(arrives, cancellationToken).ConfigureAwait(false); }
        catch (OperationCanceledException) { return Elapsed >= arrives; }

        return true;
    }

    /// <summary>Timers count whole milliseconds, so the wait is at most one millisecond too long.</summary>
    private async ValueTask UntilAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        for (var left = time - Elapsed; left > TimeSpan.Zero; left = time - Elapsed)
        {
            left = left < LongestDelay ? left : LongestDelay;
            var whole = TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));
            await Task.Delay(whole, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static void Refuse(in Message message)
    {
        message.Refuse("still on the way");
        message.Dispose();
    }
}
