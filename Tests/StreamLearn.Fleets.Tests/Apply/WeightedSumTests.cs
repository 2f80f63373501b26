using System.Runtime.InteropServices;

namespace StreamLearn.Fleets.Tests;

public sealed class WeightedSumTests
{
    [Fact]
    public void A_sum_over_several_blocks_has_the_bits_of_one_value_after_the_other()
    {
        const int Count = (2 * 8192) + 37;
        var random = new RandomStream(1, "values");
        float[] Draw() => [.. Enumerable.Range(0, Count).Select(_ => (float)random.NextGaussian())];
        var (initial, first, second) = (Draw(), Draw(), Draw());
        var state = new ServerState(new Weights
        {
            Version = 0,
            SchemaHash = 1,
            Values = ImmutableCollectionsMarshal.AsImmutableArray((float[])initial.Clone()),
        });
        state.Renew(maxSlots: 1);

        WeightedSum.Add(state, new(default, 0.3f, first));
        WeightedSum.Add(state, new(default, 1.7f, second));
        WeightedSum.Move(state, 0.9f);

        var expected = new float[Count];
        for (var i = 0; i < Count; i++)
        {
            var sum = MathF.FusedMultiplyAdd(1.7f, second[i], MathF.FusedMultiplyAdd(0.3f, first[i], 0));
            expected[i] = MathF.FusedMultiplyAdd(0.9f, sum, initial[i]);
        }

        Assert.Equal(expected, state.Weights.ToArray());
        Assert.All(WeightedSum.Of(state).ToArray(), static v => Assert.Equal(0, v));
    }
}
