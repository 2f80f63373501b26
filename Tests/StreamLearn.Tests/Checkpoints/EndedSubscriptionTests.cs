using System.Buffers;
using System.Globalization;
using System.Text;
using StreamLearn.Testing;

namespace StreamLearn.Tests;

/// <summary>Runs that resume from a checkpoint in which a subscription had ended: nobody waits for its reader.</summary>
public sealed class EndedSubscriptionTests
{
    private const string Control = "control";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DeliveryLevel.Processed)]
    [InlineData(DeliveryLevel.Checkpointed)]
    public async Task What_is_sent_to_a_subscription_that_had_ended_is_confirmed(DeliveryLevel level)
    {
        var (sending, receiving) = (new FaultyStorage(), new FaultyStorage());
        await using (var receiver = Receive(new() { ConfirmsWhenAcknowledged = true }, receiving, level))
        {
            receiver.Complete("rows");
            await Eventually.TrueAsync(() => Inlet(receiver).Closed);
            await receiver.StopAsync();
        }

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
        await using var resumed = Receive(transport, receiving, level);
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

    private static InletStage Inlet(PipelineRun run) =>
        run.Stages.OfType<InletStage>().Single(static s => s.Subscription is not null);

    /// <summary>A run that goes on after the block that the control messages steer, and with it their subscription, has ended.</summary>
    private static PipelineRun Receive(InProcessTransport transport, FaultyStorage disk, DeliveryLevel level) => Blocks.Start(p =>
    {
        var notes = p.Subscribe(transport, Control, NoteCodec.Default, new() { Level = level });
        p.Input<Batch>("rows").Block("work").ControlledBy(notes).Discard();
        p.Input<Batch>("more").ForEach("keep on", static _ => { });
    }, Keeping(disk));

    private static PipelineRun Send(InProcessTransport transport, FaultyStorage disk) =>
        Blocks.Start(p => p.Input<Batch>("in").Publish(transport, Control, NumberCodec.Default), Keeping(disk));

    private static RunOptions Keeping(FaultyStorage disk) => new()
    {
        Checkpoints = new("memory") { Storage = disk, HoldAtMost = TimeSpan.FromMilliseconds(1) },
        StartFrom = CheckpointFiles.Read(disk),
    };

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
