using Papers;

namespace Acceptance.Tests;

/// <summary>Section 4.5: FedFly, by its arithmetic.</summary>
public sealed class At04FedFlyArithmetic(ITestOutputHelper output)
{
    private const double Wifi = 75e6;
    private const int Split = 4;                // after pool 2, index 3 of the papers

    /// <summary>A round of a Pi 3 batch by batch: a restart makes those that are done again, a move sends the checkpoint.</summary>
    [Theory]
    [InlineData(.25)]
    [InlineData(.5)]
    [InlineData(.9)]
    public void AT_4e_A_move_saves_what_the_formula_gives_within_a_point(double done)
    {
        (string Name, DeviceProfile Profile)[] pi = [("pi3", DeviceProfile.Pi3)];
        var (model, objective) = (ReferenceCosts.Vgg5, new Objective());
        var view = TestBed.View(model, Wifi, Wifi, pi);
        var cost = new FixedSplit(Split).Plan(model, view, objective).Routes[0].Cost;
        var move = view.Link("pi3", TestBed.Edge)!.SecondsOf(SessionMove.CheckpointBytes(model, Split, objective));
        var (restarted, moved, batches) = (0.0, 0.0, (int)cost.Batches);
        for (var batch = 0; batch < batches; batch++)
        {
            var isMove = batch == (int)(done * batches);
            restarted += isMove ? batch * cost.BatchSeconds : 0;
            moved += isMove ? move : 0;
            (restarted, moved) = (restarted + cost.BatchSeconds, moved + cost.BatchSeconds);
        }

        var saving = 1 - (moved / restarted);
        output.WriteLine($"T {cost.Seconds:F1} s, move {move:F3} s of {SessionMove.CheckpointBytes(model, Split, objective):F0} bytes, "
            + $"saving {100 * saving:F2} %, formula without the move {100 * done / (1 + done):F2} %");
        Assert.InRange(saving, (done / (1 + done)) - .01, (done / (1 + done)) + .01);
        Assert.Equal(SessionMove.Saving(cost.Seconds, done, move), saving, 1e-9);
        Assert.InRange(move, 0, 2);
    }
}
