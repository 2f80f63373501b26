namespace StreamLearn.Tests;

/// <summary>What is marked private goes no further than its label says, in the definition and in the run.</summary>
public sealed class PrivacyTests
{
    private const string Topic = "sl/line-2/pump-7/up/number";
    private static readonly Field Heart = Field.Channel("heart", Unit.One) with { Privacy = PrivacyLabel.EdgeOnly };
    private static readonly Schema Labelled = new(Heart);
    private static readonly Schema ByRow =
        new(Field.Channel("number", Unit.One), new Field(Schema.PrivacyColumn, ColumnType.Int32, Unit.One));

    [Fact]
    public void A_definition_names_each_column_its_label_and_what_it_would_cross()
    {
        var wrong = Assert.Throws<PipelineDefinitionException>(() => Pipeline.Define("p", p => p.Input<Batch>("rows", Labelled)
            .Publish(new InProcessTransport("field"), "rows", NumberCodec.Default)));
        Assert.StartsWith("block 'publish rows': expected at most Public on the edge 'rows' → 'publish rows' (field), "
            + "got column 'heart' that is EdgeOnly", Assert.Single(wrong.Problems), StringComparison.Ordinal);
        var fits = Pipeline.Define("p", p => p.Input<Batch>("rows", Labelled)
            .Publish(new InProcessTransport("field"), "rows", NumberCodec.Default, new() { Carries = PrivacyLabel.EdgeOnly }));
        Assert.Contains("carries EdgeOnly", fits.ToMermaid(), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new PublicationOptions { Carries = (PrivacyLabel)3 });
    }

    /// <summary>Whatever its policy, a publication sends nothing of it and the run goes on.</summary>
    [Theory, InlineData(nameof(ErrorPolicy.Fail), 0)]
    [InlineData(nameof(ErrorPolicy.Skip), 0)]
    [InlineData(nameof(ErrorPolicy.DeadLetter), 1)]
    public async Task A_publication_refuses_what_its_link_may_not_carry_and_says_so(string action, int expected)
    {
        await using var transport = new InProcessTransport();
        await using var messages = transport.SubscribeAsync("#", new(), Cancellation).GetAsyncEnumerator(Cancellation);
        List<string> letters = [];
        await using var run = Pipeline.Define("p", p =>
        {
            p.Input<Batch>("rows").Publish(transport, "rows", NumberCodec.Default).OnError(new(0, Enum.Parse<ErrorAction>(action)));
            p.DeadLetters.ForEach("letters", letter => letters.Add($"{letter.Reason} {letter.Privacy}"));
        }).Start(new RunOptions { GuardMemory = true }, Cancellation);
        foreach (var isPrivate in new[] { false, true, false })
        {
            await run.SendAsync("rows", Number(run.Pool, isPrivate ? 7 : 5, isPrivate), Cancellation);
        }
        await run.DrainAsync(Cancellation);

        foreach (var _ in new[] { 1, 2 })
        {
            Assert.True(await messages.MoveNextAsync());
            Assert.Equal("5", System.Text.Encoding.ASCII.GetString(messages.Current.Payload.ToArray()));
            messages.Current.Dispose();
        }
        Assert.Equal((1, 1), (run.Metrics["publish rows"].Drops["privacy"], run.Metrics["publish rows"].RowsDropped["privacy"]));
        Assert.Equal(expected, letters.Count);
        Assert.All(letters, static l => Assert.Equal("expected at most Public on 'publish rows' (in-process), got a message that is "
            + "EdgeOnly: redact it, or set PublicationOptions.Carries EdgeOnly", l));
        Assert.Equal(0, run.Pool.RentedBatches);
    }

    /// <summary>The envelope says that it may not go on, and who has not said that it is at the edge does not take it.</summary>
    [Theory, InlineData(PrivacyLabel.Public, 1)]
    [InlineData(PrivacyLabel.EdgeOnly, 2)]
    public async Task A_subscription_beyond_the_edge_takes_nothing_that_is_for_the_edge(PrivacyLabel carries, int expected)
    {
        await using var transport = new InProcessTransport();
        var taken = 0;
        await using var edge = Pipeline.Define("edge", p => p.Subscribe(transport, Topic, NumberCodec.Default, new() { Carries = carries })
            .ForEach("take", _ => taken++)).Start(null, Cancellation);
        await using var device = Pipeline.Define("device", p => p.Input<Batch>("rows")
            .Publish(transport, Topic, NumberCodec.Default, new PublicationOptions { Carries = PrivacyLabel.EdgeOnly }))
            .Start(null, Cancellation);
        foreach (var isPrivate in new[] { true, false })
        {
            await device.SendAsync("rows", Number(device.Pool, 1, isPrivate), Cancellation);
        }
        await device.DrainAsync(Cancellation);
        await edge.DrainAsync(Cancellation);
        Assert.Equal(expected, taken);
        Assert.Equal(2 - expected, edge.Metrics[$"subscribe {Topic}"].Drops.GetValueOrDefault("privacy"));
    }

    [Fact]
    public void Labels_are_kept_in_a_state_and_are_of_no_hash()
    {
        Schema plain = new(Heart with { Privacy = PrivacyLabel.Public });
        var (buffer, pool) = (new StateBuffer(), new BatchPool());
        var writing = new StateStream(buffer);
        writing.Value(Labelled);
        PublishOptions options = new(new("p/b", 3)) { Kind = 200, Privacy = PrivacyLabel.DeviceOnly };
        SavedPublication.State(ref writing, new("t", new ArrayBufferWriter<byte>(), options, 0));
        var reading = new StateStream(buffer.Written, pool);

        Assert.Equal(Labelled, reading.Value((Schema?)null));
        Assert.Equal(options, SavedPublication.State(ref reading, null).Options);
        Assert.Equal(plain.Hash, Labelled.Hash);
        Assert.NotEqual(plain, Labelled);
        Assert.Equal((PrivacyLabel.Public, PrivacyLabel.EdgeOnly), (plain.Privacy, Labelled.Privacy));
    }

    [Fact]
    public void A_batch_is_as_private_as_its_most_private_column_or_row_and_unknown_labels_are_the_most_private()
    {
        Schema columns = new(Heart, new Field(Schema.PrivacyColumn, ColumnType.Int32, Unit.One, Nullable: true));
        var pool = new BatchPool();
        PrivacyLabel Of(params int?[] labels)
        {
            using var batch = Batches.Of(pool, columns, new float[labels.Length], labels);
            var rows = Enumerable.Range(0, labels.Length).Select(batch.PrivacyOf).ToList();
            Assert.Equal(rows.Append(PrivacyLabel.EdgeOnly).Max(), batch.Privacy);
            return rows.DefaultIfEmpty(PrivacyLabel.Public).Max();
        }

        Assert.Equal(PrivacyLabel.Public, Of(0, 0));
        Assert.Equal(PrivacyLabel.EdgeOnly, Of(0, 1));
        Assert.Equal(PrivacyLabel.DeviceOnly, Of(2, 1));
        Assert.Equal(PrivacyLabel.DeviceOnly, Of(0, null));
        Assert.Equal(PrivacyLabel.DeviceOnly, Of(-1, 0));
        Assert.Equal(PrivacyLabel.DeviceOnly, Of(3));
        Assert.Equal(PrivacyLabel.Public, Of());
    }

    private static Batch Number(BatchPool pool, int number, bool isPrivate) =>
        Batches.Of(pool, ByRow, new float[] { number }, new[] { isPrivate ? 1 : 0 });
}
