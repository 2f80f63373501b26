namespace StreamLearn.Formats.Tests;

public sealed class RowSinkTests : IDisposable
{
    private readonly FileFolder _folder = new();
    private string Path => _folder.Of("rows");
    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Csv_has_names_with_units_and_times_as_text()
    {
        var schema = new Schema(Field.Time(), new Field("ax", ColumnType.Float32, Unit.StandardGravity, Nullable: true), Field.Label());
        using (var probe = OperatorProbe.From<Batch>((_, flow) => flow.ToCsv(Path), schema))
        {
            var batch = Batches.Of(probe.Pool, schema, new long[] { 1, -1 }, new[] { 0.1f, 1 }, new[] { 3, 4 });
            batch["ax"].SetValid(1, false);
            probe.Send(batch);
            probe.Complete();
        }
        Assert.Equal(
            "time,ax [gn],label\n1970-01-01T00:00:00.000000001Z,0.1,3\n1969-12-31T23:59:59.999999999Z,NA,4\n", File.ReadAllText(Path));
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_missing()
    {
        using (var probe = OperatorProbe.From<Batch>((_, flow) => flow.ToJsonLines(Path)))
        {
            probe.Send(Batches.OfChannels(probe.Pool, [float.NaN, float.PositiveInfinity, 1]));
            probe.Complete();
        }
        Assert.Equal("{\"c0\":null}\n{\"c0\":null}\n{\"c0\":1}\n", File.ReadAllText(Path));
    }

    [Fact]
    public void Other_columns_are_dropped_and_classes_without_a_text_are_counted()
    {
        var options = new RowSinkOptions { Columns = [FileColumn.Class("t", "a", "b")] };
        var schema = new Schema(new Field("t", ColumnType.Int32, Unit.One));
        using var probe = OperatorProbe.From<Batch>((_, flow) => flow.ToCsv(Path, options));
        probe.Send(Batches.OfChannels(probe.Pool, [1]));
        probe.Send(Batches.Of(probe.Pool, schema, new[] { 1, 2, -1 }));
        probe.Send(Batches.OfChannels(probe.Pool, [1]));
        probe.Complete();
        Assert.Equal(2, probe.Metrics.Drops["schema"]);
        Assert.Equal(2, probe.Metrics.Counters["unknown-classes"]);
        Assert.Equal("t\nb\nNA\nNA\n", File.ReadAllText(Path));
    }

    [Fact]
    public void An_array_of_integers_cannot_have_missing_ones()
    {
        var schema = new Schema(Field.Label());
        using var probe = OperatorProbe.From<Batch>((_, flow) => flow.ToNpy(Path, "label"), schema);
        var batch = Batches.Of(probe.Pool, schema, new[] { 1, 2 });
        batch["label"].SetValid(0, false);
        probe.Send(batch);
        probe.Send(Batches.Of(probe.Pool, schema, new[] { 1, 2 }));
        probe.Complete();
        Assert.Equal(1, probe.Metrics.Drops["missing"]);
        Assert.Equal(["1", "2"], FileFolder.Rows(p => p.FromNpy(Path)));
    }

    [Fact]
    public void A_file_that_was_there_is_replaced_and_a_run_without_rows_leaves_it_empty()
    {
        File.WriteAllText(Path, "before");
        using (var probe = OperatorProbe.From<Batch>((_, flow) => flow.ToCsv(Path))) { probe.Complete(); }
        Assert.Empty(File.ReadAllBytes(Path));
    }
}
