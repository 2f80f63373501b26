namespace StreamLearn.Nodes.Tests;

public sealed class SplitTeacherTests
{
    [Fact]
    public void Wiring_refuses_a_network_whose_teacher_is_not_in_the_rows()
    {
        var network = new Network(new(2), 2, [new Dense(3)], [new(0, new Dense(2))], objective: new Distillation());
        var schema = new Schema(Field.Channel("x", Unit.One), Field.Channel("y", Unit.One), Field.Label());
        Assert.Throws<ArgumentException>(() => OperatorProbe.From<Batch>((p, rows) => OperatorProbe.Use(
            rows.SplitTrain(network, 1, p.Input<BoundaryGradients>("gradients"))), schema));
        Assert.Throws<ArgumentException>(() => OperatorProbe.Of<Activations, BoundaryGradients, SplitReport>(
            flow => flow.SplitTrain(network, 1)));
    }
}
