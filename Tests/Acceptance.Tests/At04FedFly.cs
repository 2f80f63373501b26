using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Acceptance.Tests;

/// <summary>Section 4.5: FedFly, sessions that move from edge to edge in the middle of a round.</summary>
public sealed class At04FedFly
{
    private const int Rounds = 3;

    private static readonly Network Network = HarNetwork.Create(seed: 3);

    private static readonly SplitTrainOptions Options = new()
    {
        Optimizer = new Sgd(0.05f, Momentum: 0.9f, ClipNorm: float.PositiveInfinity),
        BatchRows = 8,
        RoundBatches = 20,
        GradientTimeout = TimeSpan.FromSeconds(3),
    };

    [Theory]
    [InlineData(0.25)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void AT_4f_Weights_after_a_move_are_those_of_a_run_without_one_bit_for_bit(double share)
    {
        var still = Fleet(static (_, _) => { });
        var expected = still.Run();
        var time = still.MadeAt[0] + (share * (still.MadeAt[1] - still.MadeAt[0]));

        var fleet = Fleet((world, air) => Move(world, air, time, "device-0", "edge-a", "edge-b"));
        var model = fleet.Run();

        Assert.Equal(expected, model);
        EveryBatchOnce(fleet);
        Assert.Contains(fleet.Sent, static m => m is { Device: "device-0", Edge: "edge-b", Rows: > 0 });
    }

    [Fact]
    public void AT_4f_A_session_that_moves_there_and_back_keeps_its_bits()
    {
        var expected = Fleet(static (_, _) => { }).Run();
        var fleet = Fleet(static (world, air) =>
        {
            Move(world, air, TimeSpan.FromSeconds(1), "device-0", "edge-a", "edge-b");
            Move(world, air, TimeSpan.FromSeconds(3), "device-0", "edge-b", "edge-a");
        });

        Assert.Equal(expected, fleet.Run());
        EveryBatchOnce(fleet);
        Assert.Equal(2, fleet.Answers.Max(static a => a.Term));
    }

    /// <summary>No answer of the first edge to this batch arrives.</summary>
    [Fact]
    public void AT_4f_A_gradient_that_the_device_has_not_received_moves_with_its_session()
    {
        var expected = Fleet(static (_, _) => { }).Run();
        var back = new LosingCodec(static a => a is { Device: "device-0", Sequence: 30, Term: 0 });
        var fleet = Fleet((world, air) => Move(world, air, TimeSpan.FromSeconds(10), "device-0", "edge-a", "edge-b"), back: back);

        Assert.Equal(expected, fleet.Run());
        EveryBatchOnce(fleet);
        Assert.Equal([1], fleet.Answers.Where(static a => a is { Device: "device-0", Sequence: 30 }).Select(static a => a.Term).Distinct());
        Assert.True(back.Lost > 2 && fleet.MadeAt[1] > TimeSpan.FromSeconds(10));
    }

    /// <summary>The steps of a schedule are those of all rounds.</summary>
    [Fact]
    public void AT_4f_The_steps_of_earlier_rounds_move_with_the_session()
    {
        var falling = Options with { Optimizer = Options.Optimizer with { Schedule = Schedule.Step(10, 0.5f) } };
        var still = Fleet(static (_, _) => { }, options: falling);
        var expected = still.Run();
        var time = (still.MadeAt[0] + still.MadeAt[1]) / 2;
        var fleet = Fleet((world, air) => Move(world, air, time, "device-0", "edge-a", "edge-b"), options: falling);

        Assert.Equal(expected, fleet.Run());
    }

    /// <summary>What the device cannot hold stays where it is: the first edge gives up the move.</summary>
    [Theory]
    [InlineData(long.MaxValue, "edge-b")]
    [InlineData(10_000, "edge-a")]
    public void AT_4f_Where_edges_do_not_reach_each_other_the_device_carries_its_session_to_the_same_bits(long carries, string ends)
    {
        var expected = Fleet(static (_, _) => { }).Run();
        var fleet = Fleet(
            static (world, air) => Move(world, air, TimeSpan.FromSeconds(2), "device-0", "edge-a", "edge-b"), carries: carries);

        Assert.Equal(expected, fleet.Run());
        EveryBatchOnce(fleet);
        Assert.Equal(ends, fleet.Sent.Last(static m => m is { Device: "device-0", Rows: > 0 }).Edge ?? "edge-a");
        Assert.Equal(ends == "edge-b" ? 1 : 2, fleet.Answers.Max(static a => a.Term));
        Assert.True(fleet.SessionBytes > 10_000);
    }

    [Fact]
    public void AT_4h_Where_the_next_edge_crashes_in_the_transfer_the_session_continues_with_the_same_bits()
    {
        var expected = Fleet(static (_, _) => { }).Run();
        var fleet = Fleet(static (world, air) =>
        {
            Move(world, air, TimeSpan.FromSeconds(2), "device-0", "edge-a", "edge-b");
            world.At(TimeSpan.FromSeconds(2.004), world.Devices.Single(static d => d.Name == "edge-b").Crash);
        });

        Assert.Equal(expected, fleet.Run());
        EveryBatchOnce(fleet);
        Assert.Equal(2, fleet.Answers.Max(static a => a.Term));
    }

    [Theory]
    [InlineData(0.25)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void AT_4e_A_move_in_the_virtual_world_saves_what_the_formula_gives_within_a_point(double share)
    {
        const int Batches = 60;         // beside them the one batch that is sent twice is little
        var still = Fleet(static (_, _) => { }, Batches);
        still.Run();
        var round = still.MadeAt[1] - still.MadeAt[0];
        var fleet = Fleet((world, air) =>
        {
            world.Link("edge-a", "edge-b", MoveLink);
            Move(world, air, still.MadeAt[0] + (share * round), "device-0", "edge-a", "edge-b");
        }, Batches);
        fleet.Run();

        var moved = fleet.MadeAt[1] - fleet.MadeAt[0];
        var sends = 8 * fleet.SessionBytes / MoveLink.UpBitsPerSecond;
        var (measured, restarted) = (1 - (moved / (round * (1 + share))), 1 + share);
        Assert.InRange(sends, 0.3, 4);
        Assert.Equal(((share * round.TotalSeconds) - sends) / (round.TotalSeconds * restarted), measured, 0.01);
    }

    /// <summary>Each batch took effect once: one answer for each, and the same one if it was given again.</summary>
    private static void EveryBatchOnce(SplitFleet fleet)
    {
        var answered = fleet.Answers.Where(static a => a is { Begins: null, Sequence: > 0 })
            .GroupBy(static a => (a.Device, a.Sequence)).ToArray();
        Assert.Equal(2 * Rounds * Options.RoundBatches, answered.Length);
        Assert.All(answered, static same => Assert.Single(same.Select(static a => a.Loss).Distinct()));
    }

    /// <summary>Between the edges; so slow that a session takes part of a second.</summary>
    private static LinkProfile MoveLink => new() { UpBitsPerSecond = 0.6e6, DownBitsPerSecond = 0.6e6 };

    private static SplitFleet Fleet(
        Action<VirtualWorld, ITransport> script, int batches = 20, long? carries = null, SplitTrainOptions? options = null,
        ICodec<BoundaryGradients>? back = null) =>
        new(Network, (options ?? Options) with { RoundBatches = batches }, Rounds, 3, 3)
        {
            Edges = ["edge-a", "edge-b"],
            EdgeLink = new() { UpBitsPerSecond = 75e6, DownBitsPerSecond = 75e6 },
            Script = script,
            Carries = carries,
            Back = back ?? LearningCodecs.BoundaryGradients,
        };

    private static void Move(VirtualWorld world, ITransport air, TimeSpan time, string device, string from, string to) =>
        world.At(time, () => world.Add(Pipeline.Define($"mover-{time.Ticks}", p =>
            p.From("move", new SessionTransfer { Step = TransferStep.Move, Device = device, From = from, To = to },
                    static (SessionTransfer move, OperatorContext context) => new OneMessage<SessionTransfer>(move, context.Now))
                .Publish(air, $"sessions/{from}", LearningCodecs.SessionTransfers))));

    /// <summary>Messages that do not arrive.</summary>
    private sealed class LosingCodec(Func<BoundaryGradients, bool> isLost) : ICodec<BoundaryGradients>
    {
        private static readonly ICodec<BoundaryGradients> Whole = LearningCodecs.BoundaryGradients;

        public string Name => Whole.Name;

        public byte Kind => Whole.Kind;

        internal int Lost { get; private set; }

        public void Encode(BoundaryGradients value, IBufferWriter<byte> buffer) => Whole.Encode(value, buffer);

        public bool TryDecode(in ReadOnlySequence<byte> bytes, BatchPool pool, [MaybeNullWhen(false)] out BoundaryGradients value)
        {
            if (!Whole.TryDecode(bytes, pool, out value)) { return false; }
            if (!isLost(value)) { return true; }
            Lost++;
            return false;
        }
    }
}
