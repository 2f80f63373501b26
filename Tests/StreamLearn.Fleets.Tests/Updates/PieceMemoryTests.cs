namespace StreamLearn.Fleets.Tests;

/// <summary>Memory that pieces of many senders take.</summary>
[Collection(nameof(MeasuredAlone))]
public sealed class PieceMemoryTests
{
    [Fact]
    public void What_many_names_hold_is_bounded_in_memory_and_in_the_checkpoint()
    {
        JoinPieces joined = new(PiecesTests.Bounds with { MaxHeldBytes = 1 << 20 }, States.Context(), new Dropped());
        var piece = PiecesTests.Pieces(PiecesTests.Update("a", 1))[0];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < 20_000; i++) { joined.Process(piece with { Device = $"d{i:00000}" }); }
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, 1, 2 << 20);
        var saved = States.Written(joined.State);
        Assert.InRange(saved.Length, 500_000, 1 << 20);
        JoinPieces resumed = new(PiecesTests.Bounds, States.Context(), new Dropped());
        States.Take(saved, resumed.State);
        Assert.Equal(saved, States.Written(resumed.State));
    }

    private sealed class Dropped : IOutput<WeightDelta>
    {
        public void Emit(WeightDelta item)
        {
        }
    }
}
