namespace TauDemo.Tests;

/// <summary>The combinations of the drawn table.</summary>
public sealed class DrawTests
{
    [Fact]
    public void The_same_seed_draws_the_same_combinations_and_another_one_others()
    {
        Assert.Equal(TauDraw.Of(TauDraw.Seed), TauDraw.Of(TauDraw.Seed));
        Assert.NotEqual(TauDraw.Of(TauDraw.Seed), TauDraw.Of(1));
        Assert.Equal("softmax   occupancy 10 nodes, case 2, x4    15 s", TauDraw.Of(TauDraw.Seed)[0].ToString());
    }

    [Fact]
    public void Sixty_combinations_are_drawn_each_value_five_times_at_least_and_none_is_there_twice()
    {
        var drawn = TauDraw.Of(TauDraw.Seed);

        Assert.Equal(60, drawn.Distinct().Count());
        Assert.All(TauDraw.Models, v => Assert.InRange(drawn.Count(c => c.Model == v), 5, 60));
        Assert.All(TauDraw.Data, v => Assert.InRange(drawn.Count(c => c.Data == v), 5, 60));
        Assert.All(TauDraw.Nodes, v => Assert.InRange(drawn.Count(c => c.Nodes == v), 5, 60));
        Assert.All(TauDraw.Cases, v => Assert.InRange(drawn.Count(c => c.Case == v), 5, 60));
        Assert.All(TauDraw.Aggregations, v => Assert.InRange(drawn.Count(c => c.Aggregation == v), 5, 60));
        Assert.All(TauDraw.Seconds, v => Assert.InRange(drawn.Count(c => c.Seconds == v), 5, 60));
        Assert.All(drawn, static c => Assert.True(TauDraw.Fits(c.Model, c.Data), c.ToString()));
    }

    [Theory]
    [InlineData("svm", "mnist", 196)]
    [InlineData("kmeans", "har", 30)]
    [InlineData("linreg", "gas", 32)]
    [InlineData("linreg", "occupancy", 4)]
    [InlineData("mlp", "occupancy", 5)]
    public void Where_no_data_are_there_rows_of_the_same_kind_are_generated_and_no_node_is_without(string model, string data, int width)
    {
        var learned = DrawnModels.Of(model, data, folder: null);

        var rows = learned.Make(2_000, 0);

        Assert.Equal((2_000, width, width), (rows.Count, rows.Width, learned.Model.Plan.Input.Size));
        Assert.All(TauDraw.Cases, c => Assert.All(c.Deal(rows, TauDraw.Nodes[^1]), static of => Assert.NotEmpty(of)));
    }
}
