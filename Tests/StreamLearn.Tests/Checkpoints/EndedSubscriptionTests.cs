namespace StreamLearn.Tests;

/// <summary>Runs that resume from a checkpoint in which a subscription had ended: nobody waits for its reader.</summary>
public sealed class EndedSubscriptionTests
{
    private const string Control = "control";

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(true, false)]      // its receivers had ended, and it had not
    public async Task What_is_sent_to_a_subscription_that_had_ended_is_confirmed(bool afterCheckpoint, bool hadEnded)
    {
        var (sending, receiving) = (new FaultyStorage(), new FaultyStorage());
        await EndAsync(receiving, afterCheckpoint, hadEnded);
        var away = new InProcessTransport { ConfirmsWhenAcknowledged = true };
        away.Hold();
        await using (var sender = Send(away, sending))
        {
            await sender.SendAsync("in", Blocks.Number(sender.Pool, 1), Cancellation);
            await Eventually.TrueAsync(() => sender.Metrics["publish control"].ItemsIn == 1);
            await sender.StopAsync();
        }
        var transport = new InProcessTransport { ConfirmsWhenAcknowledged = true };
        var held = transport.Hold();
        await using var resumed = Receive(transport, receiving, afterCheckpoint);
        await using var again = Send(transport, sending);
        held.Dispose();
        for (var i = 0; i < 2 * transport.MaxInFlight; i++)
        {
            await again.SendAsync("in", Blocks.Number(again.Pool, i), Cancellation).AsTask().WaitAsync(Blocks.Patience, Cancellation);
        }
        again.Complete("in");

        await again.EndAsync();
        Assert.False(resumed.Completion.IsCompleted);
        resumed.Complete("more");
        await resumed.EndAsync();
    }

    [Fact]
    public async Task Its_transport_is_told_at_the_call_that_nothing_is_to_be_subscribed_to()
    {
        var (disk, transport) = (new FaultyStorage(), new Lingering());
        await EndAsync(disk, afterCheckpoint: true, hadEnded: true);
        await using var resumed = Receive(transport, disk, afterCheckpoint: true);
        resumed.Complete("more");
        Assert.True(transport.WasCanceled);
        await Eventually.TrueAsync(() => resumed.Stages.TrueForAll(s => s.Closed || s == Inlet(resumed)));
        Assert.False(Inlet(resumed).Closed);        // it is still read
        transport.End.SetResult();
        await resumed.EndAsync();
    }

    [Fact]
    public async Task What_a_transport_hands_in_all_the_same_is_acknowledged()
    {
        var disk = new FaultyStorage();
        await EndAsync(disk, afterCheckpoint: true, hadEnded: true);
        var transport = new ScriptedTransport();
        for (var i = 0; i < 3; i++) { transport.Deliver(Control, $"{i}"); }
        await using var resumed = Receive(transport, disk, afterCheckpoint: true);
        await Eventually.TrueAsync(() => Inlet(resumed).Closed);
        Assert.All(transport.Fates, static f => Assert.Equal(new(1, 0, 1), f));
        Assert.Equal(3, resumed.Metrics["subscribe control"].Drops["after-end"]);
        Assert.Empty(transport.Violations);
    }

    [Fact]
    public async Task What_waits_for_a_checkpoint_when_its_subscription_ends_is_confirmed_by_the_next_one()
    {
        var transport = new InProcessTransport { ConfirmsWhenAcknowledged = true };
        await using var run = Receive(transport, new(), afterCheckpoint: true, holdAtMost: TimeSpan.FromDays(1));
        var publication = transport.PublishAsync(Control, new("1"u8.ToArray()), new(new("test", 1)), Cancellation).AsTask();
        await Eventually.TrueAsync(() => run.Metrics["work"].Controls == 1);
        run.Complete("rows");
        await Eventually.TrueAsync(() => Inlet(run).Closed);
        Assert.False(publication.IsCompleted);
        await run.CheckpointAsync();
        await publication.WaitAsync(Blocks.Patience, Cancellation);
    }

    /// <summary>Saves a run of which the steered block has ended, and its subscription as well or not yet.</summary>
    private static async Task EndAsync(FaultyStorage disk, bool afterCheckpoint, bool hadEnded)
    {
        var lingering = new Lingering();
        await using var run = Receive(hadEnded ? new InProcessTransport() : lingering, disk, afterCheckpoint);
        run.Complete("rows");
        await Eventually.TrueAsync(() => run.Stages.Single(static s => s.Node.Name == "work").Closed);
        await Eventually.TrueAsync(() => Inlet(run).Closed == hadEnded);
        await run.CheckpointAsync();
        lingering.End.SetResult();
    }

    private static InletStage Inlet(PipelineRun run) => run.Stages.OfType<InletStage>().Single(static s => s.Subscription is not null);

    /// <summary>A run that goes on after the block that the control messages steer, and with it their subscription, has ended.</summary>
    private static PipelineRun Receive(
        ITransport transport, FaultyStorage disk, bool afterCheckpoint, TimeSpan? holdAtMost = null) => Blocks.Start(p =>
    {
        var notes = p.Subscribe(transport, Control, NoteCodec.Default, new() { AfterCheckpoint = afterCheckpoint });
        p.Input<Batch>("rows").Block("work").ControlledBy(notes).Discard();
        p.Input<Batch>("more").ForEach("keep on", static _ => { });
    }, Keeping(disk, holdAtMost));

    private static PipelineRun Send(InProcessTransport transport, FaultyStorage disk) =>
        Blocks.Start(p => p.Input<Batch>("in").Publish(transport, Control, NumberCodec.Default), Keeping(disk));

    private static RunOptions Keeping(FaultyStorage disk, TimeSpan? holdAtMost = null) => new()
    {
        Checkpoints = new("memory")
        {
            Storage = disk,
            Every = Timeout.InfiniteTimeSpan,
            HoldAtMost = holdAtMost ?? TimeSpan.FromMilliseconds(1),
        },
        StartFrom = CheckpointFiles.Read(disk),
    };

    /// <summary>A transport whose subscriptions end a while after they were canceled.</summary>
    private sealed class Lingering : ITransport
    {
        internal TaskCompletionSource End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
        internal bool WasCanceled { get; private set; }
        public string Name => "lingering";

        public ValueTask PublishAsync(
            Topic topic, ReadOnlySequence<byte> payload, PublishOptions options, CancellationToken cancellationToken) => default;

        public IAsyncEnumerable<Message> SubscribeAsync(Topic filter, SubscribeOptions options, CancellationToken cancellationToken)
        {
            WasCanceled = cancellationToken.IsCancellationRequested;
            return ReadAsync();
        }

        public ValueTask DisposeAsync() => default;

        private async IAsyncEnumerable<Message> ReadAsync()
        {
            await End.Task;
            yield break;
        }
    }

    private sealed class NoteCodec : ICodec<Note>
    {
        internal static readonly NoteCodec Default = new();
        public string Name => "note/1";

        public void Encode(Note value, IBufferWriter<byte> buffer) =>
            buffer.Write(Encoding.UTF8.GetBytes(value.Number.ToString(CultureInfo.InvariantCulture)));

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, out Note value)
        {
            value = new(int.Parse(Encoding.UTF8.GetString(bytes), CultureInfo.InvariantCulture));
            return true;
        }
    }
}
