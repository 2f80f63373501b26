using System.Globalization;

namespace StreamLearn.Learning.Tests;

/// <summary>The stated rate of false alarms, on rows that set no threshold: for each rule 20 streams, of 100,000 rows in the long
/// form.</summary>
public sealed class FalseAlarmTests(ITestOutputHelper log)
{
    private const double Rate = 1e-3;
    private const int Seeds = 5;
    private static readonly int Rows = LongForm.IsAsked ? 100_000 : 20_000;
    public static TheoryData<string> Rules => [.. ByName.Keys.Where(static name => LongForm.IsAsked || name is not ("profile" or "trees"))];

    private static Dictionary<string, AnomalyRule> ByName { get; } = new()
    {
        ["EWMA"] = new EwmaZScore(),
        ["window"] = new WindowZScore(),
        ["T2"] = new HotellingT2(),
        ["trees"] = new HalfSpaceTrees(),
        ["centers"] = new CenterDistance(),
        ["profile"] = new MatrixProfile(),
        ["network"] = Autoencoder(),
    };

    [Theory, MemberData(nameof(Rules))]
    public void Of_usual_rows_as_many_are_alerts_as_stated_within_a_factor_of_1_5(string name)
    {
        var rule = ByName[name];
        var rates = NormalStreams.Kinds.Select(kind => Enumerable.Range(0, Seeds).Average(seed => Measure(rule, kind, seed))).ToList();
        log.WriteLine($"{name,-8} {string.Join(' ', rates.Append(rates.Average()).Select(static r =>
            (r / Rate).ToString("0.00", CultureInfo.InvariantCulture).PadLeft(14)))}");
        Assert.InRange(rates.Average(), Rate / 1.5, Rate * 1.5);
    }

    private static double Measure(AnomalyRule rule, string kind, long seed)
    {
        var (next, columns) = (NormalStreams.Make(kind, seed), Batches.Channels(rule.Channels ?? NormalStreams.Channels));
        using var probe = OperatorProbe.Of<Batch, Batch>(rows => rows.DetectAnomalies(rule, new() { FalseAlarmRate = Rate }), columns);
        var (row, alerts, learned) = (new float[NormalStreams.Channels], 0L, new AnomalyOptions().LearnRows);
        for (var from = 0; from < Rows + learned; from += 1000)
        {
            var batch = probe.Pool.Rent(columns, 1000);
            for (var r = 0; r < batch.Rows; r++)
            {
                next(row);
                for (var c = 0; c < columns.Fields.Length; c++) { batch.Columns[c].Writable<float>()[r] = row[c]; }
            }
            probe.Send(batch);
            using var judged = probe.Take<Batch>();
            foreach (var alert in judged["alert"].Values<int>()) { alerts += alert; }
        }

        return (double)alerts / Rows;
    }

    private static ReconstructionError Autoencoder()
    {
        var network = new Network(new(NormalStreams.Channels), NormalStreams.Channels, [new Dense(2)],
            [new(0, new Dense(NormalStreams.Channels))], seed: 3, objective: new SquaredError());
        return new(network, network.Initial);
    }
}
