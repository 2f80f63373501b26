namespace Acceptance.Tests;

/// <remarks>A third of the groups is unseen. The others learn; each of them judges a model of four fifths of the others.</remarks>
public sealed class BoundsByGroupTests(ITestOutputHelper output)
{
    private const int Folds = 5;
    private const int Draws = 20;

    /// <summary>The long form alone runs the slow ones.</summary>
    public static TheoryData<string, double> SetUps => LongForm.IsAsked
        ? new() { { "har, as recorded", 2 }, { "har, sorted by class", 2 }, { "mnist by writer", 10 }, { "arem by recording", 6 },
            { "generated people", 4 }, { "bearings of machines", 3 } }
        : new() { { "generated people", 4 } };

    [Theory]
    [MemberData(nameof(SetUps))]
    public void The_right_class_of_an_unseen_group_is_in_the_set_as_often_as_is_promised(string name, double mostClasses)
    {
        var (groups, classes) = name == "bearings of machines" ? (BearingMachines.Of(machines: 30), BearingMachines.Classes)
            : name == "generated people" ? (FreeLiving.Of(people: 40, windows: 60, seed: 4), FreeLiving.Classes)
            : GroupSetups.All.Single(s => s.Name == name) is var setUp ? (setUp.Load(), setUp.Classes) : default;
        if (groups.Count == 0) { groups = FreeLiving.Of(people: 40, windows: 60, seed: 5); }
        if (name == "arem by recording") { groups = [.. groups.SelectMany(ByActivity)]; }
        var draws = Enumerable.Range(0, Draws).Select(seed => Draw(groups, classes, seed)!.Value).ToList();
        var (asked, covered, size) = (draws.Average(static d => d.Asked), draws.Average(static d => d.Covered),
            draws.Average(static d => d.Classes));

        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name}: {groups.Count} groups, asked {asked:.000}, covered {covered:.000} ")
            + string.Create(CultureInfo.InvariantCulture,
                $"({draws.Min(static d => d.Covered):.000} to {draws.Max(static d => d.Covered):.000}), ")
            + string.Create(CultureInfo.InvariantCulture, $"{size:0.00} classes, accuracy {draws.Average(static d => d.Accuracy):.000}"));
        PromisedShare.IsKept(asked, covered);
        Assert.InRange(size, 1, mostClasses);
    }

    [Fact]
    public void Of_one_long_stream_there_is_no_bound()
    {
        var stream = FreeLiving.Of(people: 1, windows: 400, seed: 7)[0].Rows;
        var judged = Probabilities([new("past", stream.Take([.. Enumerable.Range(0, 300)]))], FreeLiving.Classes, seed: 0)(
            stream.Take([.. Enumerable.Range(300, 100)]));

        Assert.Null(ConformalScores.Of([.. judged.Select((p, row) => ConformalScores.OfClass(p, stream.Labels[300 + row]))], new int[100]));
    }

    [Fact]
    public void Of_five_speakers_there_is_no_bound()
    {
        var setUp = GroupSetups.All.Single(static s => s.Name == "fsdd by speaker");
        var groups = LongForm.IsAsked && setUp.Load() is { Count: > 0 } loaded ? loaded : FreeLiving.Of(people: 5, windows: 20, seed: 6);

        Assert.Null(Draw(groups, setUp.Classes, seed: 0));
    }

    /// <summary>A recording is of one activity: those of a number are several.</summary>
    private static IEnumerable<Group> ByActivity(Group group) => group.Rows.Labels.Distinct().Select(label => new Group(
        $"{group.Name}, {label}", group.Rows.Take([.. Enumerable.Range(0, group.Rows.Count).Where(r => group.Rows.Labels[r] == label)])));

    private static (double Asked, double Covered, double Classes, double Accuracy)? Draw(
        IReadOnlyList<Group> groups, int classes, int seed)
    {
        var (learning, unseen) = GroupSetup.Split(groups, seed);
        List<(float Score, int Group)> judged = [];
        for (var fold = 0; fold < Folds; fold++)
        {
            var probabilities = Probabilities([.. learning.Where((_, g) => g % Folds != fold)], classes, seed);
            foreach (var (g, group) in learning.Index().Where(g => g.Index % Folds == fold))
            {
                foreach (var (row, p) in probabilities(group.Rows).Index())
                {
                    judged.Add((ConformalScores.OfClass(p, group.Rows.Labels[row]), g));
                }
            }
        }

        var scores = ConformalScores.Of([.. judged.Select(static j => j.Score)], [.. judged.Select(static j => j.Group)]);
        if (scores is null) { return null; }
        var bound = scores.At(PromisedShare.Promised);
        var final = Probabilities(learning, classes, seed);
        var (covered, size, right, rows) = (0, 0, 0, 0);
        var set = new int[classes];
        foreach (var group in unseen)
        {
            foreach (var (row, p) in final(group.Rows).Index())
            {
                var count = ConformalScores.Set(p, bound, set);
                (size, rows) = (size + count, rows + 1);
                if (set.AsSpan(0, count).Contains(group.Rows.Labels[row])) { covered++; }
                if (set[0] == group.Rows.Labels[row]) { right++; }
            }
        }

        return (PromisedShare.Asked(judged, bound), covered / (double)rows, size / (double)rows, right / (double)rows);
    }

    private static Func<LabeledRows, IEnumerable<float[]>> Probabilities(Group[] groups, int classes, int seed)
    {
        var all = LabeledRows.Of(groups.Select(static g => g.Rows));
        var network = new Network(new(all.Width), classes, [new Scale()], [new(0, new Dense(classes))], seed);
        var fit = network.Fit(new(all.Features, all.Labels), new() { Epochs = 12, ValidationShare = 0, Seed = seed });
        return rows =>
        {
            var logits = new float[rows.Count * classes];
            network.Logits(fit.Weights.Values.AsSpan(), new(rows.Features, rows.Count), logits, new());
            return logits.Chunk(classes).Select(static l =>
            {
                ExitRule.Never(exits: 1).Probabilities(l, l);
                return l;
            });
        };
    }
}
