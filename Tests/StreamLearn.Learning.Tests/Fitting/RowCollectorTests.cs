namespace StreamLearn.Learning.Tests;

/// <summary>Rows of a pipeline in memory: those that a fit can learn from, in their order, and what became of the others.</summary>
public sealed class RowCollectorTests
{
    private static readonly Schema Rows = new(
        Field.Time(), Field.Channel("x", Unit.One) with { Nullable = true }, Field.Channel("y", Unit.One),
        new Field("person", ColumnType.Int32, Unit.One, Nullable: true), Field.Label());

    [Fact]
    public void Rows_come_in_their_order_with_what_they_were_told_and_whose_they_are()
    {
        var collector = new RowCollector(group: "person");
        Add(collector, Rows, (1, 2, 0, 1), (3, 4, 1, 0));
        Add(collector, Rows, (5, 6, 1, 1));
        var rows = collector.ToRows();
        Assert.Equal([1, 2, 3, 4, 5, 6], rows.Features.ToArray());
        Assert.Equal([1, 0, 1], rows.Labels.ToArray());
        Assert.Equal([0, 1, 1], rows.Groups.ToArray());
        Assert.Equal(new Shape(2), collector.Shape);
        Assert.Equal(["x", "y"], collector.Columns.Select(static c => c.Name));
        Assert.Empty(collector.LeftOut);
    }

    [Fact]
    public void A_window_is_a_row_channel_after_channel_if_all_its_samples_have_one_label()
    {
        var collector = new RowCollector(samples: 2);
        Add(collector, Rows, (1, 2, 0, 1), (3, 4, 0, 1), (5, 6, 0, 0), (7, 8, 0, 1));
        Add(collector, Rows, (1, 2, 0, 1));
        Assert.Equal([1, 3, 2, 4], collector.ToRows().Features.ToArray());
        Assert.Equal(new Shape(2, 2), collector.Shape);
        Assert.Equal(2, collector.LeftOut["unlabelled"]);
        Assert.Equal(1, collector.LeftOut["window-length"]);
    }

    [Fact]
    public void What_no_fit_can_learn_from_is_left_out_and_counted()
    {
        var collector = new RowCollector(group: "person");
        Add(collector, Rows, (1, float.NaN, 0, 1), (null, 2, 0, 1), (1, 2, null, 1), (1, 2, 0, null), (1, 2, 0, -1), (8, 9, 0, 2));
        Assert.Equal([8, 9], collector.ToRows().Features.ToArray());
        Assert.Equal([("bad-label", 1), ("no-group", 1), ("non-finite", 2), ("unlabelled", 1)],
            collector.LeftOut.Select(static r => (r.Key, r.Value)));
    }

    [Fact]
    public void Targets_are_taken_where_there_are_no_labels()
    {
        var schema = new Schema(Field.Channel("x", Unit.One), Field.Target(Unit.One));
        var collector = new RowCollector();
        using var batch = new BatchPool().Rent(schema, 3);
        new float[] { 1, 2, 3 }.CopyTo(batch["x"].Writable<float>());
        new double[] { 0.5, double.NaN, 2.5 }.CopyTo(batch[Schema.TargetColumn].Writable<double>());
        collector.Add(batch);
        Assert.Equal([0.5f, 2.5f], collector.ToRows().Targets.ToArray());
        Assert.Equal(1, collector.LeftOut["non-finite"]);
    }

    [Fact]
    public void Columns_that_do_not_fit_are_refused_by_name_and_memory_is_bounded()
    {
        Assert.Contains("'label' or 'target'", Refusal(new(), new(Field.Channel("x", Unit.One))), StringComparison.Ordinal);
        var labelled = new Schema(Field.Channel("x", Unit.One), Field.Label());
        Assert.Contains("'person'", Refusal(new(group: "person"), labelled), StringComparison.Ordinal);
        Assert.Contains("float32", Refusal(new(), new(Field.Time(), Field.Label())), StringComparison.Ordinal);
        var collector = new RowCollector(maxBytes: 8);
        Add(collector, Rows, (1, 2, 0, 1));
        Assert.Throws<InvalidOperationException>(() => Add(collector, Rows, (1, 2, 0, 1)));
        Assert.Contains("expected batches of", Refusal(collector, labelled), StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => new RowCollector().Shape);
    }

    [Fact]
    public async Task Features_of_a_pipeline_are_fitted_without_a_loop_by_hand()
    {
        var collector = new RowCollector(group: "person");
        await Pipeline.Define("collect", p => p.FromSequence("rows", static (pool, _) => Recordings(pool), Rows, maxRows: 32)
            .ForEach("collect", collector.Add)).RunAsync(TestContext.Current.CancellationToken);
        var model = new Network(collector.Shape, 2, [new Scale()], [new(0, new Dense(2))]);
        var result = model.Fit(collector.ToRows(), new() { Epochs = 20, ValidationGroups = [2] });
        Assert.Equal(320, collector.Count);
        Assert.Equal(1, result.Validation!.Accuracy);
        Assert.Equal(80, result.Validation.Rows);
    }

    private static async IAsyncEnumerable<Batch> Recordings(BatchPool pool)
    {
        for (var n = 0; n < 10; n++)
        {
            yield return Fill(pool.Rent(Rows, 32), [.. Enumerable.Range(0, 32).Select(i =>
                ((float?)(i % 2 == 0 ? 5 : -5), (float)i, (int?)(((32 * n) + i) / 80), (int?)(i % 2)))]);
            await Task.Yield();
        }
    }

    private static void Add(RowCollector collector, Schema schema, params (float? X, float Y, int? Person, int? Label)[] rows)
    {
        using var batch = Fill(new BatchPool().Rent(schema, rows.Length), [.. rows]);
        collector.Add(batch);
    }

    private static Batch Fill(Batch batch, ImmutableArray<(float? X, float Y, int? Person, int? Label)> rows)
    {
        foreach (var (i, (x, y, person, label)) in rows.Index())
        {
            batch["time"].Writable<long>()[i] = i;
            batch["x"].Writable<float>()[i] = x ?? 0;
            batch["y"].Writable<float>()[i] = y;
            batch["person"].Writable<int>()[i] = person ?? 0;
            batch["label"].Writable<int>()[i] = label ?? 0;
            if (x is null) { batch["x"].SetValid(i, false); }
            if (person is null) { batch["person"].SetValid(i, false); }
            if (label is null) { batch["label"].SetValid(i, false); }
        }

        return batch;
    }

    private static string Refusal(RowCollector collector, Schema schema)
    {
        using var batch = new BatchPool().Rent(schema, 1);
        return Assert.Throws<SchemaException>(() => collector.Add(batch)).Message;
    }
}
