namespace StreamLearn.Learning.Tests;

public sealed class BatchDrawTests
{
    private readonly RandomStream _random = new(4, "draw");

    [Fact]
    public void Every_order_of_a_pass_is_equally_likely()
    {
        const int Passes = 6000;
        var draw = new BatchDraw(Buffer(3), DrawKind.Shuffle, _random);
        var orders = new Dictionary<(int, int, int), int>();
        for (var pass = 0; pass < Passes; pass++)
        {
            int[] order = [.. draw.Next(2, 1, []).Labels, .. draw.Next(2, 1, []).Labels];
            orders[(order[0], order[1], order[2])] = orders.GetValueOrDefault((order[0], order[1], order[2])) + 1;
        }

        const double Expected = Passes / 6.0;
        Assert.Equal(6, orders.Count);
        Assert.InRange(orders.Values.Sum(n => (n - Expected) * (n - Expected) / Expected), 0.21, 20.5);     // 5 degrees: 0.1 % each side
    }

    [Theory, InlineData(40), InlineData(41)]
    public void A_step_of_all_rows_or_more_takes_them_in_the_order_of_their_places(int most) =>
        Assert.Equal(Enumerable.Range(0, 40), new BatchDraw(Buffer(40), DrawKind.Shuffle, _random).Next(most, 1, []).Labels.ToArray());

    [Theory]
    [InlineData(DrawKind.Replacement, 1)]
    [InlineData(DrawKind.Replacement, 3)]
    [InlineData(DrawKind.Shuffle, 1)]
    [InlineData(DrawKind.Shuffle, 3)]
    [InlineData(DrawKind.Shuffle, 5)]
    public void Row_label_target_number_and_offsets_stay_together_however_rows_are_handed_out(DrawKind kind, int most)
    {
        var draw = new BatchDraw(Buffer(5), kind, _random);
        float[] offsets = [-1, 0.5f];
        for (var number = 1L; number < 20; number++)
        {
            var step = draw.Next(most, number, offsets);
            Assert.Equal((number, step.Labels.Length), (step.Number, step.Rows));
            Assert.Equal(offsets, step.LogitOffsets);
            Assert.InRange(step.Rows, 1, most);
            for (var r = 0; r < step.Rows; r++)
            {
                Assert.Equal([step.Labels[r], -step.Labels[r]], step.Features.Slice(2 * r, 2).ToArray());
                Assert.Equal(step.Labels[r] / 2f, step.Targets[r]);
            }
        }
    }

    [Theory, InlineData(DrawKind.Replacement), InlineData(DrawKind.Shuffle)]
    public void With_a_seed_of_their_own_two_draw_alike_from_a_state_on_too(DrawKind kind)
    {
        var (one, other) = (new BatchDraw(Buffer(9), kind, new(1, "a"), seed: 5), new BatchDraw(Buffer(9), kind, new(2, "b"), seed: 5));
        var again = new BatchDraw(Buffer(9), kind, new(3, "c"), seed: 5);
        for (var step = 0; step < 7; step++) { Assert.Equal(one.Next(4, 1, []).Labels.ToArray(), other.Next(4, 1, []).Labels.ToArray()); }
        SavedState.Of(one.State).Into(again.State);
        for (var step = 0; step < 7; step++) { Assert.Equal(other.Next(4, 1, []).Labels.ToArray(), again.Next(4, 1, []).Labels.ToArray()); }
    }

    [Fact]
    public void A_step_may_have_more_rows_than_those_before()
    {
        var draw = new BatchDraw(Buffer(9), DrawKind.Shuffle, _random);
        int[] labels = [.. draw.Next(2, 1, []).Labels, .. draw.Next(3, 2, []).Labels, .. draw.Next(4, 3, []).Labels];
        Assert.Equal(Enumerable.Range(0, 9), labels.Order());
        Assert.Equal(70, new BatchDraw(Buffer(9), DrawKind.Replacement, _random).Next(70, 1, []).Rows);
    }

    /// <summary>Rows [i, −i] of label i and target i / 2.</summary>
    private ReplayBuffer Buffer(int rows)
    {
        var buffer = new ReplayBuffer(rows, 2, rows, targets: true);
        for (var i = 0; i < rows; i++) { buffer.Add([i, -i], i, _random, i / 2f); }
        return buffer;
    }
}
