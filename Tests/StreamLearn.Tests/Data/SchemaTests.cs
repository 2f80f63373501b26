namespace StreamLearn.Tests;

public sealed class SchemaTests
{
    private static readonly Field Time = Field.Time();
    private static readonly Field X = Field.Channel("x", Unit.StandardGravity);

    [Fact]
    public void Schemas_of_equal_fields_are_equal_and_hash_equal()
    {
        var (first, second) = (new Schema(Time, X), new Schema(Field.Time(), Field.Channel("x", new("gn"))));
        Assert.Equal(first, second);
        Assert.Equal(first.Hash, second.Hash);
        Assert.Equal(first.GetHashCode(), second.GetHashCode());
    }

    [Fact]
    public void The_hash_is_frozen_because_it_travels_with_models() =>
        Assert.Equal(Fnv("time int64 [ns]\nx float32 [gn]"), new Schema(Time, X).Hash);

    [Fact]
    public void Order_name_type_unit_and_nullability_all_count()
    {
        var schema = new Schema(Time, X);
        Schema[] others = [
            new(X, Time), new(Time), new(Time, X with { Name = "y" }), new(Time, X with { Type = ColumnType.Float64 }),
            new(Time, X with { Unit = Unit.One }), new(Time, X with { Nullable = true })];
        Assert.All(others, o => Assert.NotEqual(schema, o));
        Assert.All(others, o => Assert.NotEqual(schema.Hash, o.Hash));
    }

    [Fact]
    public void No_column_too_many_and_bad_or_double_names_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new Schema());
        Assert.Throws<ArgumentException>(
            () => new Schema(Enumerable.Range(0, Schema.MaxColumns + 1).Select(i => Field.Channel($"c{i}", Unit.One))));
        Assert.Throws<ArgumentException>(() => new Schema(Field.Channel("", Unit.One)));
        Assert.Throws<ArgumentException>(() => new Schema(Field.Channel(new('a', 65), Unit.One)));
        Assert.Contains("two columns are named 'x'",
            Assert.Throws<ArgumentException>(() => new Schema(X, Time, X)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Require_says_what_was_expected_and_what_came()
    {
        var schema = new Schema(Time, X);
        Assert.Equal(1, schema.Require("x", ColumnType.Float32));
        Assert.Equal("expected a column 'y', got time int64 [ns], x float32 [gn]",
            Assert.Throws<SchemaException>(() => schema.Require("y", ColumnType.Float32)).Message);
        Assert.Equal("expected column 'x' to be Int32, got Float32",
            Assert.Throws<SchemaException>(() => schema.Require("x", ColumnType.Int32)).Message);
        Assert.Equal(-1, schema.IndexOf("X"));
        Assert.Equal(12, schema.RowBytes);
    }

    private static ulong Fnv(string text) => text.Aggregate(14695981039346656037UL, (hash, c) => (hash ^ c) * 1099511628211UL);
}
