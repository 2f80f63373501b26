using static StreamLearn.Nodes.Tests.ShardChain;

namespace StreamLearn.Nodes.Tests;

/// <summary>A model that generates over several nodes: the tokens of one machine, whatever gets lost.</summary>
public sealed class GenerateTests
{
    private static readonly GenerateOptions Options = new() { Stages = ["a", "b", "c"] };

    [Theory, InlineData(1, false), InlineData(4, false), InlineData(4, true)]
    public void Three_stages_give_the_tokens_of_one_machine_one_sequence_after_the_other_or_pipelined(int atOnce, bool asGroup)
    {
        using var chain = new ShardChain(Options with { MaxSequences = atOnce, WaitsForGroup = asGroup });
        var prompts = Enumerable.Range(0, 4).Select(s => Prompt(s, 1 + s)).ToArray();
        foreach (var prompt in prompts)
        {
            if (!chain.Source.Ready) { chain.Exchange(); }
            chain.Source.Send(prompt);
        }

        chain.Exchange();
        chain.Expect(prompts);
        Assert.Equal("source 0 to 1, a 1 to 3, b 3 to 4, c 4 to 5", chain.Plan.ToString().Split(": ")[1]);
        Assert.Equal(atOnce == 1 ? 1 : 4, Most(chain));
        Assert.True(prompts.SelectMany(Alone).Distinct().Count() > 8, "too few different tokens to tell them apart");
    }

    [Fact]
    public void As_a_group_no_sequence_begins_its_next_token_before_all_have_theirs()
    {
        using var chain = new ShardChain(Options with { MaxSequences = 3, WaitsForGroup = true });
        for (var s = 0; s < 3; s++) { chain.Source.Send(Prompt(s, 2)); }
        chain.Loses = static m => m is ShardToken { Sequence: 1, Position: 4 };
        chain.Exchange();
        Assert.Equal([3, 2, 3], Enumerable.Range(0, 3).Select(s => chain.Tokens.Count(t => t.Sequence == s)));
        chain.Loses = static _ => false;
        chain.Wait(2);
        chain.Expect(Prompt(0, 2), Prompt(1, 2), Prompt(2, 2));
    }

    [Theory, InlineData("a"), InlineData("b"), InlineData("c")]
    public void When_a_stage_is_lost_the_others_share_its_blocks_and_the_tokens_go_on_as_if_nothing_had_been(string lost)
    {
        using var chain = new ShardChain(Options with { MaxSequences = 2 });
        chain.Source.Send(Prompt(1));
        chain.Source.Send(Prompt(2, 5));
        chain.Exchange(most: 40);
        chain.Dead.Add(lost);
        chain.Exchange();
        var before = chain.Tokens.Count;
        Assert.InRange(before, 4, 20);

        chain.Wait(1);
        Assert.Equal(before, chain.Tokens.Count);
        chain.Wait(2);      // two seconds for the token, one for the answers to the plan

        chain.Expect(Prompt(1), Prompt(2, 5));
        Assert.DoesNotContain(lost, chain.Plan.Stages.Select(static s => s.Node));
        Assert.Equal(5, chain.Plan.Stages[^1].End);
        Assert.Equal((1, 1, 3), (chain.Source.Metrics.Counter("token-timeouts"), chain.Source.Metrics.Counter("stages-lost"),
            chain.Source.Metrics.Counter("plans")));
        Assert.Equal([1, 1], chain.Sent.OfType<ShardActivation>().Where(a => a.Plan == chain.Plan.Number && a.Position == 0 && a.Block == 1)
            .GroupBy(static a => a.Sequence).Select(static g => g.Count()));
    }

    [Fact]
    public void A_message_that_was_lost_costs_a_plan_with_the_same_stages()
    {
        using var chain = new ShardChain(Options);
        var lost = false;
        chain.Loses = m => !lost && (lost = m is ShardActivation { Block: 3, Position: 7 });
        chain.Source.Send(Prompt(1));
        chain.Exchange();
        chain.Wait(2);
        chain.Expect(Prompt(1));
        Assert.Equal(4, chain.Plan.Stages.Length);
        Assert.Equal((2, 0), (chain.Source.Metrics.Counter("plans"), chain.Source.Metrics.Counter("stages-lost")));
    }

    [Fact]
    public void A_plan_that_is_lost_on_the_way_is_sent_again()
    {
        using var chain = new ShardChain(Options);
        chain.Loses = static m => m is GenerationPlan;
        chain.Source.Send(Prompt(1));
        chain.Exchange();
        chain.Loses = static _ => false;
        chain.Source.Advance(TimeSpan.FromMilliseconds(500));
        chain.Exchange();
        chain.Expect(Prompt(1));
        Assert.Equal((1, 4), (chain.Source.Metrics.Counter("plans"), chain.Plan.Stages.Length));
    }

    [Fact]
    public void Without_any_stage_left_the_source_goes_on_alone()
    {
        using var chain = new ShardChain(Options with { MaxSequences = 2 });
        chain.Source.Send(Prompt(1));
        chain.Source.Send(Prompt(2));
        chain.Exchange(most: 30);
        chain.Dead.UnionWith(Options.Stages);
        chain.Wait(10);
        chain.Expect(Prompt(1), Prompt(2));
        Assert.Equal([new LayerRange(0, 5, Name)], chain.Plan.Stages);
    }

    [Fact]
    public void Without_stages_the_source_generates_at_once()
    {
        using var chain = new ShardChain(new());
        chain.Source.Send(Prompt(1));
        chain.Wait(1);
        chain.Expect(Prompt(1));
    }

    [Fact]
    public void Messages_that_come_twice_are_dropped_the_second_time()
    {
        using var chain = new ShardChain(Options with { MaxSequences = 2 }) { Copies = 2 };
        chain.Source.Send(Prompt(1));
        chain.Source.Send(Prompt(2));
        chain.Exchange();
        chain.Expect(Prompt(1), Prompt(2));
        Assert.Equal(1, chain.Source.Metrics.Counter("plans"));
        Assert.Equal(22, chain["b"].Metrics.Drops["duplicate"]);
        Assert.Equal(2, chain["b"].Metrics.Drops["no-sequence"]);      // of the last tokens, after which it has forgotten
        Assert.Equal(22, chain.Source.Metrics.Drops["duplicate"]);
    }

    [Fact]
    public void Messages_of_an_earlier_plan_no_longer_count()
    {
        using var chain = new ShardChain(Options);
        chain.Source.Send(Prompt(1));
        chain.Exchange(most: 30);
        var early = chain.Sent.ToArray();
        chain.Loses = static m => m is ShardToken;
        chain.Exchange();
        chain.Loses = static _ => false;
        chain.Source.Advance(TimeSpan.FromSeconds(2));
        foreach (var stage in Options.Stages) { chain[stage].Control(chain.Source.Take<GenerationPlan>(port: 2)); break; }

        foreach (var message in early)
        {
            if (message is ShardActivation { To: "a" } tokens) { chain["a"].Send(tokens); }
            else if (message is ShardToken or StageReady) { chain.Source.Control(message); }
        }

        Assert.Equal(early.Count(static m => m is ShardActivation { To: "a" }), chain["a"].Metrics.Drops["plan"]);
        Assert.Equal(early.Count(static m => m is ShardToken or StageReady), chain.Source.Metrics.Drops["plan"]);
        chain.Wait(4);
        chain.Expect(Prompt(1));
    }

    [Fact]
    public void A_planner_moves_the_blocks_in_the_middle()
    {
        using var chain = new ShardChain(Options);
        chain.Source.Send(Prompt(1));
        chain.Exchange(most: 30);
        var plan = new GenerationPlan { Source = Name, Number = 0, Stages = [new(0, 3, Name), new(3, 4, "c"), new(4, 5, "a")] };
        chain.Source.Control(plan);
        chain.Source.Control(plan with { Source = "other" });
        chain.Source.Control(plan with { Stages = [new(0, 3, Name), new(4, 5, "c")] });
        chain.Source.Control(plan with { Stages = [new(0, 3, Name), new(3, 4, "c"), new(4, 5, "c")] });
        chain.Exchange();
        chain.Expect(Prompt(1));
        Assert.Equal(plan.Stages, chain.Plan.Stages);
        Assert.Equal(3, chain.Source.Metrics.Drops["shape"]);
        Assert.True(chain.Plan.Number > chain.Sent.OfType<GenerationPlan>().First().Number);
    }

    [Fact]
    public void A_sequence_ends_where_the_context_is_full_and_prompts_that_do_not_fit_are_dropped()
    {
        using var chain = new ShardChain(Options);
        foreach (var wrong in new[] { Prompt(1, 25), Prompt(2, 0), Prompt(3, 3, 0), Prompt(4) with { Tokens = [29] } })
        {
            chain.Source.Send(wrong);
        }
        chain.Source.Send(Prompt(5, 20, 100));
        chain.Exchange();
        chain.Expect(Prompt(5, 20, 100));
        Assert.Equal(5, chain.Tokens.Count);        // the last place of 24 is the input of the fifth
        Assert.Equal([1, 1, 2], new[] { "context-full", "max-tokens", "tokens" }.Select(r => chain.Source.Metrics.Drops[r]));
    }

    [Fact]
    public void A_stage_refuses_what_it_cannot_hold()
    {
        using var chain = new ShardChain(Options with { MaxSequences = 3 }, held: 2);
        for (var s = 0; s < 2; s++) { chain.Source.Send(Prompt(s)); }
        chain.Exchange(most: 20);
        var sent = chain.Sent.OfType<ShardActivation>().Last(static a => a.To == "a");
        var width = Model.Width;

        foreach (var (reason, wrong) in new[]
        {
            ("too-many-sequences", sent with { Sequence = 9, Position = 0 }),
            ("no-sequence", sent with { Sequence = 9, Position = 1 }), ("gap", sent with { Position = 23 }),
            ("context-full", sent with { Position = sent.Position + 1, Values = [.. new float[24 * width]] }),
            ("shape", sent with { Position = sent.Position + 1, Values = [.. new float[width + 1]] }),
            ("not-its-range", sent with { Block = 2 }), ("not-its-range", sent with { To = "b" }),
        })
        {
            chain["a"].Send(wrong);
            Assert.True(chain["a"].Metrics.Drops.GetValueOrDefault(reason) > 0, reason);
        }

        chain.Exchange();
        chain.Expect(Prompt(0), Prompt(1));
    }

    [Fact]
    public void A_stage_frees_a_sequence_after_its_last_token()
    {
        using var chain = new ShardChain(Options with { MaxSequences = 1 }, held: 1);
        for (var s = 0; s < 5; s++)
        {
            chain.Source.Send(Prompt(s, most: 2));
            chain.Exchange();
        }
        chain.Expect([.. Enumerable.Range(0, 5).Select(static s => Prompt(s, most: 2))]);
        Assert.Equal(1, chain.Source.Metrics.Counter("plans"));
    }

    [Fact]
    public void Blocks_are_shared_evenly_and_the_first_ones_take_what_is_left_over()
    {
        Assert.Equal([new(0, 2, "s"), new(2, 4, "a"), new(4, 6, "b"), new(6, 7, "c")],
            GenerationPlan.Even("s", 2, 7, ["a", "b", "c"]).Stages);
        Assert.Equal([new(0, 1, "s"), new(1, 2, "a")], GenerationPlan.Even("s", 1, 2, ["a", "b", "c"]).Stages);
        Assert.Equal([new LayerRange(0, 7, "s")], GenerationPlan.Even("s", 2, 7, []).Stages);
        Assert.Equal([new LayerRange(0, 7, "s")], GenerationPlan.Even("s", 7, 7, ["a"]).Stages);
    }

    private static int Most(ShardChain chain)
    {
        var (active, most) = (new HashSet<long>(), 0);
        foreach (var message in chain.Sent)
        {
            if (message is ShardActivation { Block: 1 } tokens) { active.Add(tokens.Sequence); }
            if (message is ShardToken token) { active.Remove(token.Sequence); }
            most = Math.Max(most, active.Count);
        }
        return most;
    }
}
