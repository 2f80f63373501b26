using FsCheck;
using FsCheck.Fluent;

namespace StreamLearn.Operators.Tests;

/// <summary>Streams with times of their own, in milliseconds, and what comes out of windows over them.</summary>
internal static class TimedRows
{
    internal static readonly Schema Schema = new(Field.Time(), Field.Channel("x", Unit.One), Field.Label());
    internal const long Millisecond = 1_000_000;

    /// <summary>Rows numbered in channel x.</summary>
    internal static Batch Batch(BatchPool pool, params IReadOnlyList<long> milliseconds)
    {
        var batch = pool.Rent(Schema, milliseconds.Count);
        for (var row = 0; row < batch.Rows; row++)
        {
            batch.Columns[0].Writable<long>()[row] = milliseconds[row] * Millisecond;
            batch.Columns[1].Writable<float>()[row] = row;
            batch.Columns[2].Writable<int>()[row] = row;
            batch.Columns[2].SetValid(row, row % 3 != 0);
        }
        return batch;
    }

    /// <summary>A window as text: its start if it has one, its revision, and the numbers of its rows; checks that labels stay with their
    /// rows.</summary>
    internal static string Text(Batch window)
    {
        var rows = window["x"].Values<float>().ToArray();
        for (var i = 0; i < rows.Length; i++)
        {
            var valid = window["label"].IsValid(i);
            Assert.Equal(rows[i] % 3 != 0, valid);
            if (valid) { Assert.Equal((int)rows[i], window["label"].Values<int>()[i]); }
        }

        var prefix = window.TryColumn("window", out var start)
            ? $"{start.Values<long>()[0] / Millisecond} r{window["revision"].Values<int>()[0]}: "
            : "";
        return prefix + string.Join(' ', rows);
    }

    internal static List<string> Texts(OperatorProbe probe) => [.. probe.TakeAll<Batch>().Select(Text)];

    /// <summary>The numbers of the rows on the side output, with their faults.</summary>
    internal static List<(int Row, RowFault Fault)> Quarantined(OperatorProbe probe) => [.. probe.TakeAll<Batch>(1).SelectMany(b =>
        b["x"].Values<float>().ToArray().Zip(b["fault"].Values<int>().ToArray(), (row, fault) => ((int)row, (RowFault)fault)))];

    /// <summary>Each row is in a window, aside, dropped or held.</summary>
    internal static void AssertLedger(OperatorProbe probe)
    {
        var aside = probe.Metrics.Counter("rows-late") + probe.Metrics.Counter("rows-future") + probe.Metrics.Counter("rows-bad-time");
        Assert.Equal(probe.Metrics.RowsIn, probe.Metrics.Counter("rows-windowed") + aside + probe.Metrics.RowsDropped.Values.Sum()
            + (long)probe.Metrics.Gauges.GetValueOrDefault("rows-held"));
    }

    /// <summary>Random times: now and then a leap, mostly small steps, back and forth by up to <paramref name="disorder"/>.</summary>
    internal static Gen<long[]> Times(int disorder) =>
        from steps in Gen.Frequency((9, Gen.Choose(0, 40)), (1, Gen.Choose(0, 900))).ArrayOf()
        from back in Gen.Choose(0, disorder).ArrayOf(steps.Length)
        select steps.Select((_, i) => (long)steps.Take(i + 1).Sum() - back[i]).ToArray();

    /// <summary>Checks a promise on random values, the same in every run.</summary>
    internal static void Holds<T>(Gen<T> values, Action<T> promise) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(20250101, 7), Prop.ForAll(values.ToArbitrary(), promise));
}
