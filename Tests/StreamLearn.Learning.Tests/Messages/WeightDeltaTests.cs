namespace StreamLearn.Learning.Tests;

public sealed class WeightDeltaTests
{
    private static readonly WeightDelta First = new()
    {
        Device = "d",
        Epoch = 1,
        Sequence = 4,
        BaseVersion = 7,
        Samples = 10,
        SchemaHash = 1,
        Values = [1, 2],
        Moments = new(1, [3], [0]),
        Steps = 1,
        Loss = 2,
    };

    private static readonly WeightDelta Second = First with
    {
        Sequence = 5,
        BaseVersion = 9,
        Samples = 30,
        Values = [10, -5],
        Moments = new(1, [5], [0]),
        Steps = 3,
        Loss = 1,
    };

    /// <summary>Of an update of another model it is known whose it is, whatever its size.</summary>
    [Fact]
    public void An_update_of_another_model_is_read_without_its_values()
    {
        var plan = new StreamLearn.Models.SoftmaxRegression(2, 2).Plan;
        var other = First with { SchemaHash = plan.SchemaHash + 1, Values = [.. new float[10 * plan.Values]], Leaving = true };
        var bytes = Frames.Encoded(LearningCodecs.Deltas, other);
        Assert.True(LearningCodecs.DeltasOf(plan).TryDecode(new(bytes), new(), out var read));
        Assert.Equal(("d", 1, 4, plan.SchemaHash + 1, true), (read.Device, read.Epoch, read.Sequence, read.SchemaHash, read.Leaving));
        Assert.Empty(read.Values);
    }

    [Fact]
    public void Added_up_they_are_one_update_from_the_oldest_base_with_the_newest_identity()
    {
        var sum = WeightDelta.Add(First, Second with { Leaving = true });
        Assert.Equal([11f, -3], sum.Values);
        Assert.Equal((1L, 5L, 7L), (sum.Epoch, sum.Sequence, sum.BaseVersion));
        Assert.Equal((40, 4, 1.25f, true), (sum.Samples, sum.Steps, sum.Loss, sum.Leaving));
        Assert.Equal((2L, 4.0, 2.0), (sum.Moments!.Count, sum.Moments.Mean[0], sum.Moments.M2[0]));
    }

    [Fact]
    public void Order_does_not_change_the_identity() => Assert.Equal(5, WeightDelta.Add(Second, First).Sequence);

    [Fact]
    public void The_oldest_base_is_that_of_the_earlier_aggregator_whatever_its_number()
    {
        var sum = WeightDelta.Add(First with { BaseEpoch = 1, BaseVersion = 90 }, Second with { BaseEpoch = 2, BaseVersion = 3 });
        Assert.Equal((1L, 90L), (sum.BaseEpoch, sum.BaseVersion));
        Assert.Equal(sum.BaseEpoch, WeightDelta.Add(First with { BaseEpoch = 1 }, Second with { BaseEpoch = 1 }).BaseEpoch);
    }

    [Fact]
    public void Two_devices_or_two_schemas_do_not_add_up()
    {
        Assert.Throws<ArgumentException>(() => WeightDelta.Add(First, Second with { Device = "e" }));
        Assert.Throws<ArgumentException>(() => WeightDelta.Add(First, Second with { SchemaHash = 2 }));
        Assert.Throws<ArgumentException>(() => WeightDelta.Add(First, Second with { Values = [1] }));
    }

    [Fact]
    public void A_device_has_a_name_of_256_bytes_at_most()
    {
        Assert.Throws<ArgumentException>(() => First with { Device = "" });
        Assert.Throws<ArgumentException>(() => First with { Device = new('é', 129) });
        Assert.Equal(128, (First with { Device = new('é', 128) }).Device.Length);
    }
}
