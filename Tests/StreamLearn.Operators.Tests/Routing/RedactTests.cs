namespace StreamLearn.Operators.Tests;

/// <summary>What may not go further is taken out of batches.</summary>
public sealed class RedactTests
{
    private static readonly Schema Columns = new(
        Field.Channel("ax", Unit.One),
        Field.Channel("heart", Unit.One) with { Privacy = PrivacyLabel.EdgeOnly },
        new Field("name", ColumnType.Int64, Unit.One, Nullable: true) { Privacy = PrivacyLabel.DeviceOnly },
        new Field(Schema.PrivacyColumn, ColumnType.Int32, Unit.One));

    [Fact]
    public void Private_columns_go_and_so_do_private_rows()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(rows => rows.Redact(), Columns);
        probe.Send(Rows(probe, 0, 2, 0, 1, 0));
        using var batch = probe.Expect<Batch>();
        Assert.Equal(["ax", "privacy"], batch.Schema.Fields.Select(f => f.Name));
        Assert.Equal([0f, 2, 4], batch["ax"].Values<float>());
        Assert.Equal(2, probe.Metrics.RowsDropped["private"]);
        probe.Send(Rows(probe, 1, 2));
        probe.ExpectNothing();
        Assert.Equal((1, 4), (probe.Metrics.Drops["private"], probe.Metrics.RowsDropped["private"]));
    }

    [Fact]
    public void Blank_columns_stay_and_are_public()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(
            rows => rows.Redact(carries: PrivacyLabel.EdgeOnly, blank: true), Columns);
        probe.Send(Rows(probe, 0, 2, 1));
        using var batch = probe.Expect<Batch>();
        Assert.Equal([0f, 2], batch["ax"].Values<float>());
        Assert.Equal([10f, 12], batch["heart"].Values<float>());
        Assert.Equal([0L, 0], batch["name"].Values<long>());
        Assert.Equal(2, batch["name"].CountMissing());
        Assert.Equal(PrivacyLabel.EdgeOnly, batch.Schema.Privacy);
    }

    [Fact]
    public void What_is_public_passes_uncopied_and_nothing_left_is_a_wrong_schema()
    {
        Schema open = new(Field.Channel("ax", Unit.One));
        using var probe = OperatorProbe.Of<Batch, Batch>(rows => rows.Redact(), open);
        var sent = Batches.Of(probe.Pool, open, new[] { 1f });
        probe.Send(sent);
        Assert.Same(sent, probe.Take<Batch>());
        sent.Dispose();
        Assert.Throws<SchemaException>(() => new RedactOptions().Output(new(Columns.Fields[1])));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RedactOptions { Carries = PrivacyLabel.DeviceOnly });
    }

    /// <summary>A feature says something of all channels of its window; a window is as private as its most private row.</summary>
    [Fact]
    public void Features_are_as_private_as_what_they_are_made_of()
    {
        using var probe = OperatorProbe.Of<Batch, Batch>(rows => rows.Features(Feature.Mean), Columns);
        probe.Send(Rows(probe, 1, 2, 0));
        using var batch = probe.Expect<Batch>();
        Assert.All(batch.Schema.Fields.Where(f => f.Type == ColumnType.Float32), f => Assert.Equal(PrivacyLabel.EdgeOnly, f.Privacy));
        Assert.Equal(PrivacyLabel.DeviceOnly, batch.PrivacyOf(0));
    }

    private static Batch Rows(OperatorProbe probe, params int[] labels) => Batches.Of(
        probe.Pool, Columns,
        Enumerable.Range(0, labels.Length).Select(static r => (float)r).ToArray(),
        Enumerable.Range(0, labels.Length).Select(static r => r + 10f).ToArray(),
        Enumerable.Range(0, labels.Length).Select(static r => r + 100L).ToArray(), labels);
}
