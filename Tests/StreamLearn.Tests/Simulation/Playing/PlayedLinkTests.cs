using System.Runtime.CompilerServices;
using StreamLearn.Tests;

namespace StreamLearn.Simulation.Tests;

/// <summary>Links that are played over a transport, on a clock that the test moves.</summary>
public sealed class PlayedLinkTests : IAsyncDisposable
{
    /// <summary>1,000 bytes take a second, beyond the least burst.</summary>
    private static readonly LinkProfile Narrow = new() { UpBitsPerSecond = 8_000, DownBitsPerSecond = 8_000, Delay = Ms(500) };
    private static readonly CancellationToken Stop = Cancellation;
    private readonly ManualTimeProvider _clock = new();
    private readonly ScriptedTransport _inner = new() { MaxInFlight = 16 };
    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    [Fact]
    public async Task A_message_is_published_when_it_has_come_over_the_link()
    {
        var link = Play(Narrow);
        Task[] calls = [.. Enumerable.Range(0, 3).Select(i => PublishAsync(link, i, 1_000))];

        Assert.Equal(16, link.MaxInFlight);
        Assert.Empty(_inner.Published);
        _clock.Advance(Ms(500));
        await calls[0];
        _clock.Advance(Ms(399));
        Assert.Single(_inner.Published);
        _clock.Advance(Ms(1));
        await calls[1];                 // 600 bytes of the burst were left: 0.4 s, and the delay
        _clock.Advance(Ms(1_000));
        await calls[2];

        Assert.Equal(["0", "1", "2"], _inner.Published.Select(static p => p.Payload.TrimEnd('.')));
    }

    /// <summary>Timers of the same time ring in any order.</summary>
    [Fact]
    public async Task Publications_keep_their_order_though_timers_do_not_and_one_is_given_up()
    {
        var clock = new BackwardClock();
        var link = new PlayedLink(_inner, new() { Delay = Ms(500) }, time: clock);
        using var gone = new CancellationTokenSource();
        var (first, second, third) = (PublishAsync(link, 0, 10), PublishAsync(link, 1, 10, gone.Token), PublishAsync(link, 2, 10));
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        clock.Ring(Ms(500));
        await Task.WhenAll(first, third);
        Assert.Equal(["0", "2"], _inner.Published.Select(static p => p.Payload.TrimEnd('.')));
    }

    [Fact]
    public async Task A_message_that_is_received_is_withheld_until_it_has_come_over_the_link_and_is_acknowledged_by_who_takes_it()
    {
        var link = Play(Narrow with { UpBitsPerSecond = 1 });
        for (var i = 0; i < 2; i++) { _inner.Deliver("x", Text(i, 1_600)); }
        await using var reader = link.SubscribeAsync("x", new(), Stop).GetAsyncEnumerator(Stop);

        var next = reader.MoveNextAsync().AsTask();
        await Eventually.TrueAsync(() => _clock.PendingTimers == 1);
        Assert.False(next.IsCompleted);
        _clock.Advance(Ms(500));
        Assert.True(await next);
        Assert.All(_inner.Fates, static f => Assert.Equal(new(0, 0, 0), f));
        reader.Current.Acknowledge();
        reader.Current.Dispose();
        next = reader.MoveNextAsync().AsTask();
        await Eventually.TrueAsync(() => _clock.PendingTimers == 1);
        _clock.Advance(Ms(1_599));
        Assert.False(next.IsCompleted);
        _clock.Advance(Ms(1));
        Assert.True(await next);

        Assert.Equal([new(1, 0, 1), new(0, 0, 0)], _inner.Fates);
    }

    [Fact]
    public async Task What_is_on_the_way_when_a_subscription_ends_is_refused_and_what_has_arrived_is_handed_out()
    {
        var link = Play(Narrow);
        using var ending = new CancellationTokenSource();
        foreach (var bytes in new[] { 800, 800, 1_000 }) { _inner.Deliver("x", Text(0, bytes)); }
        var reader = link.SubscribeAsync("x", new(), ending.Token).GetAsyncEnumerator(Stop);
        var next = reader.MoveNextAsync().AsTask();
        await Eventually.TrueAsync(() => _clock.PendingTimers == 1);
        _clock.Advance(Ms(500));
        Assert.True(await next);

        await ending.CancelAsync();
        Assert.True(await reader.MoveNextAsync());
        Assert.False(await reader.MoveNextAsync());
        await reader.DisposeAsync();

        Assert.Equal([new(0, 0, 0), new(0, 0, 0), new(0, 1, 1)], _inner.Fates);
    }

    [Fact]
    public async Task A_reader_that_leaves_refuses_what_it_has_not_taken()
    {
        var link = Play(LinkProfile.Unlimited);
        for (var i = 0; i < 3; i++) { _inner.Deliver("x", Text(i, 10)); }
        await foreach (var message in link.SubscribeAsync("x", new(), Stop))
        {
            message.Acknowledge();
            message.Dispose();
            break;
        }
        Assert.Equal([new(1, 0, 1), new(0, 1, 1), new(0, 1, 1)], _inner.Fates);
        Assert.Empty(_inner.Violations);
    }

    [Theory, InlineData(1), InlineData(5)]
    public async Task No_more_messages_are_on_the_way_than_the_subscription_may_hold(int capacity)
    {
        var endless = new Endless();
        var link = new PlayedLink(endless, Narrow, time: _clock);
        await using var reader = link.SubscribeAsync("x", new() { Capacity = capacity }, Stop).GetAsyncEnumerator(Stop);

        var next = reader.MoveNextAsync().AsTask();
        for (var taken = 0; taken < 4; taken++)
        {
            await Eventually.TrueAsync(() =>
            {
                _clock.Advance(Ms(17_000));        // the time of one
                return next.IsCompleted;
            });
            await Eventually.TrueAsync(() => endless.Given > taken + capacity);
            Assert.Equal(taken + 1 + capacity, endless.Given);
            if (taken < 3) { next = reader.MoveNextAsync().AsTask(); }
        }
    }

    [Fact]
    public async Task Nothing_comes_through_in_an_outage()
    {
        var link = Play(new() { Outages = [new(Ms(0), Ms(60_000))] });
        var publishing = PublishAsync(link, 0, 10);
        _inner.Deliver("x", Text(0, 10));
        await using var reader = link.SubscribeAsync("x", new(), Stop).GetAsyncEnumerator(Stop);
        var next = reader.MoveNextAsync().AsTask();
        await Eventually.TrueAsync(() => _clock.PendingTimers == 2);
        _clock.Advance(Ms(59_999));
        Assert.False(publishing.IsCompleted || next.IsCompleted);
        _clock.Advance(Ms(1));
        await publishing;
        Assert.True(await next);
    }

    [Fact]
    public void Settings_out_of_their_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PlayedLink(_inner, new() { UpBitsPerSecond = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PlayedLink(_inner, Narrow, burstBytes: 1_599));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PlayedLink(_inner, Narrow, burstBytes: 65_537));
    }

    private PlayedLink Play(LinkProfile profile) => new(_inner, profile, burstBytes: 1_600, time: _clock);

    private static Task PublishAsync(PlayedLink link, int number, int bytes, CancellationToken? stop = null) => link.PublishAsync(
        "x", new(Encoding.UTF8.GetBytes(Text(number, bytes))), new(new("test", number)), stop ?? Stop).AsTask();

    private static string Text(int number, int bytes) => $"{number}".PadRight(bytes, '.');

    /// <summary>A clock whose timers ring last to first.</summary>
    private sealed class BackwardClock : TimeProvider
    {
        private readonly List<Action> _timers = [];
        private TimeSpan _now;
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;
        public override long GetTimestamp() => _now.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _timers.Add(() => callback(state));
            return new ManualTimeProvider().CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        internal void Ring(TimeSpan now)
        {
            _now = now;
            for (var i = _timers.Count - 1; i >= 0; i--) { _timers[i](); }
        }
    }

    /// <summary>Gives as many messages as it is asked for.</summary>
    private sealed class Endless : ITransport, IMessageOwner
    {
        private int _given;
        internal int Given => Volatile.Read(ref _given);
        public string Name => "endless";

        public ValueTask PublishAsync(
            Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken) => default;

        public async IAsyncEnumerable<Message> SubscribeAsync(
            Topic filter, SubscribeOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                yield return new(filter, new(new byte[16_384]), default, this, Interlocked.Increment(ref _given));
                await Task.Yield();
            }
        }

        public void Acknowledge(long id) { }
        public void Refuse(long id, string reason) { }
        public void Release(long id) { }
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
