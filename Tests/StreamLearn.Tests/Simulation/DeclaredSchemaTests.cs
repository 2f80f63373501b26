namespace StreamLearn.Simulation.Tests;

/// <summary>What a source declares is what it sends, in virtual time as well.</summary>
public sealed class DeclaredSchemaTests
{
    [Fact]
    public void A_source_that_sends_other_columns_stops_its_device_alone()
    {
        using var world = new VirtualWorld(new() { GuardMemory = true });
        var declared = new Schema(Field.Channel("x", Unit.StandardGravity));
        Pipeline Of(string name, Schema schema) => Pipeline.Define(name, p => p
            .From("rows", 1, (int _, OperatorContext context) => new Pulses(3, TimeSpan.FromSeconds(1), context), schema)
            .Discard());
        var wrong = world.Add(Of("wrong", declared));
        var right = world.Add(Of("right", new Schema(Field.Channel("c0", Unit.One))));

        world.RunFor(TimeSpan.FromSeconds(10), Cancellation);

        Assert.Equal("expected the declared columns x float32 [gn], got c0 float32 [1]", wrong.Failure?.InnerException?.Message);
        Assert.Equal((null, 3L), (right.Failure, right.Metrics["rows"].ItemsOut));
        Assert.Equal(0, world.Pool.RentedBatches);
    }
}
