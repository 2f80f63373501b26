namespace StreamLearn.Nodes.Tests;

public sealed class SessionMoveTests
{
    [Fact]
    public void A_checkpoint_is_the_servers_layers_the_momentum_and_a_gradient_of_the_boundary() =>
        Assert.Equal((8 * 90) + (2 * 10 * 1000), SessionMove.CheckpointBytes(Small.Model, 1, Small.Objective));

    [Theory]
    [InlineData(.5, 0, 1 / 3.0), InlineData(.9, 0, .9 / 1.9), InlineData(.5, 25, .25 / 1.5)]
    [InlineData(0, 10, -.1)]
    public void A_move_saves_what_was_done_less_what_it_takes(double done, double move, double saving) =>
        Assert.Equal(saving, SessionMove.Saving(100, done, move), 1e-12);
}
