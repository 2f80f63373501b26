namespace StreamLearn.Nodes.Tests;

public sealed class GenerationCodecsTests
{
    private static readonly ShardActivation Tokens = new()
    {
        Source = "s",
        To = "stage-1",
        Plan = 1L << 40,
        Sequence = 7,
        Position = 3,
        Block = 2,
        IsLast = true,
        Values = [1.5f, float.NaN, -0f],
    };

    private static readonly ShardToken Token = new() { Source = "s", Plan = 4, Sequence = 7, Position = 9, Token = 300 };
    private static readonly GenerationPlan Plan = GenerationPlan.Even("s", 1, 5, ["a", "bb"]) with { Number = 12 };
    private static readonly StageReady Ready = new() { Source = "s", Node = "a", Plan = 12 };

    [Fact]
    public void Messages_come_as_they_went()
    {
        var same = Same(NodesCodecs.ShardActivations, Tokens)!;
        Assert.Equal(Tokens with { Values = same.Values }, same);
        Assert.Equal(Tokens.Values.Select(BitConverter.SingleToInt32Bits), same.Values.Select(BitConverter.SingleToInt32Bits));
        Assert.Equal(Token, Same(NodesCodecs.ShardTokens, Token));
        Assert.Equal(Plan, Same(NodesCodecs.GenerationPlans, Plan));
        Assert.Equal(Ready, Same(NodesCodecs.StagesReady, Ready));
    }

    [Fact]
    public void What_is_cut_or_damaged_is_refused()
    {
        Refuses(NodesCodecs.ShardActivations, Tokens);
        Refuses(NodesCodecs.ShardTokens, Token);
        Refuses(NodesCodecs.GenerationPlans, Plan);
        Refuses(NodesCodecs.StagesReady, Ready);
        Survives(NodesCodecs.ShardActivations, Tokens);
        Survives(NodesCodecs.ShardTokens, Token);
        Survives(NodesCodecs.GenerationPlans, Plan);
        Survives(NodesCodecs.StagesReady, Ready);
    }

    [Fact]
    public void A_saved_plan_of_another_model_is_not_taken_up()
    {
        var state = SavedState.Of(static (ref StateStream s) => GenerationPlan.State(ref s, Plan, blocks: 5));
        state.Into(static (ref StateStream s) => Assert.Equal(Plan, GenerationPlan.State(ref s, null, blocks: 5)));
        Assert.Throws<StateException>(() => state.Into(static (ref StateStream s) => GenerationPlan.State(ref s, null, blocks: 6)));
    }

    [Fact]
    public void The_numbers_of_messages_stay() => Assert.Equal([22, 23, 24, 25],
        [NodesCodecs.ShardActivations.Kind, NodesCodecs.ShardTokens.Kind, NodesCodecs.GenerationPlans.Kind, NodesCodecs.StagesReady.Kind]);
}
