namespace StreamLearn.Models.Tests;

/// <summary>A layer is a value: the same one may stand in several places, after rows of other shapes.</summary>
public sealed class SharedLayerTests
{
    [Theory, InlineData(1), InlineData(7)]
    public void A_layer_in_several_places_allocates_nothing_after_the_first_step(int rows)
    {
        Layer head = new Sequential(new Dense(5), new BatchNorm(), new Relu(), new Dense(3));
        Layer filter = new Conv2d(4, 3, 1, 1);
        var network = new Network(new(2, 12, 12), 3, [filter, new MaxPool2d(2), filter, new MaxPool2d(3), filter],
            [new(0, head, 0.5f), new(1, head, 0.5f), new(3, head, 0.5f), new(4, head)], seed: 2);
        var (features, labels) = (new float[rows * network.Plan.Input.Size], new int[rows]);
        features.AsSpan().Fill(0.5f);
        var (weights, outputs, memory, optimizer) =
            (network.Initial.Values.ToArray(), new float[rows * 3], new Workspace(), new Sgd(0.01f));
        float[] state = new float[weights.Length], gradients = new float[weights.Length];
        Assert.Equal(0, Allocations.Least(() => network.Step(weights, new(features, labels), optimizer, state, 1, gradients, memory)));
        Assert.Equal(0, Allocations.Least(() => network.Infer(weights, new(features, labels), outputs, memory)));
    }

    [Fact]
    public void Answers_are_kept_up_to_a_number_and_are_always_those_of_the_question()
    {
        var asked = new List<int>();
        var memo = new Memo<int, string>(key =>
        {
            asked.Add(key);
            return $"answer {key}";
        });

        for (var round = 0; round < 3; round++)
        {
            for (var key = 0; key < Memo<int, string>.Most; key++) { Assert.Equal($"answer {key}", memo[key]); }
        }

        Assert.Equal(Enumerable.Range(0, Memo<int, string>.Most), asked);
        Assert.Equal("answer 100", memo[100]);
        Assert.Equal("answer 1", memo[1]);
        Assert.Equal("answer 0", memo[0]);      // was the oldest
        Assert.Equal([100, 0], asked[Memo<int, string>.Most..]);
    }
}
