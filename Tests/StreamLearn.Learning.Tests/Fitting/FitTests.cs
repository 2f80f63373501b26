namespace StreamLearn.Learning.Tests;

/// <summary>Fitting to recorded rows: the same bits however it is interrupted, and a report of rows that were never learned from.</summary>
public sealed class FitTests : IDisposable
{
    private static readonly Network Net = new(
        new(2), 3, [new Scale(), new Dense(8), new Tanh(), new Dropout(0.1f)], [new(3, new Dense(3))], seed: 4);

    private readonly string _file = Path.Combine(AppContext.BaseDirectory, $"fit-{Environment.CurrentManagedThreadId}.state");
    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Rows_of_three_places_are_learned()
    {
        var result = Net.Fit(Rows(6), new() { Epochs = 60, ClassNames = ["left", "middle", "right"] });
        Assert.InRange(result.Validation!.Accuracy, 0.9, 1);
        Assert.Equal(result.Validation.Rows, result.Groups.Sum(static g => g.Evaluation.Rows));
        Assert.Equal(result.Epochs.MinBy(static e => e.Validation!.Loss)!.Epoch, result.BestEpoch);
        Assert.Equal($"{result.Validation}", $"{Evaluation.Of(Net, result.Weights, Held(result, Rows(6)))}");
        Assert.Contains("middle", result.ToString(), StringComparison.Ordinal);
    }

    [Theory, InlineData(1), InlineData(2)]
    public void A_fit_that_was_canceled_anywhere_goes_on_to_the_same_bits(int threads)
    {
        var options = new FitOptions
        {
            Epochs = 6,
            Patience = 6,
            Augment = [Augmentation.Jitter()],
            BalanceClasses = true,
            Threads = threads,
        };
        var whole = Net.Fit(Rows(4), options);
        for (var stop = 0; stop < 6; stop++)
        {
            using var cancel = new CancellationTokenSource();
            var heard = 0;
            Assert.Throws<OperationCanceledException>(() => Net.Fit(Rows(4), options with { StateFile = _file },
                new Direct<FitEpoch>(_ => { if (heard++ == 0) { cancel.Cancel(); } }), cancel.Token));
            if (stop == 4) { break; }
        }

        Assert.True(File.Exists(_file));
        var rest = Net.Fit(Rows(4), options with { StateFile = _file });
        Assert.Equal(whole.Weights.Sha256(), rest.Weights.Sha256());
        Assert.Equal(whole.Epochs.Select(static e => $"{e}"), rest.Epochs.Select(static e => $"{e}"));
        Assert.False(File.Exists(_file));
    }

    [Fact]
    public void A_state_of_other_rows_or_settings_or_a_damaged_one_is_refused()
    {
        using var cancel = new CancellationTokenSource();
        var options = new FitOptions { StateFile = _file };
        Assert.Throws<OperationCanceledException>(
            () => Net.Fit(Rows(4), options, new Direct<FitEpoch>(_ => cancel.Cancel()), cancel.Token));
        Assert.Contains("of another fit", Refusal(() => Net.Fit(Rows(5), options)), StringComparison.Ordinal);
        Assert.Contains("of another fit", Refusal(() => Net.Fit(Rows(4), options with { Seed = 1 })), StringComparison.Ordinal);
        var bytes = File.ReadAllBytes(_file);
        bytes[^9] ^= 1;
        File.WriteAllBytes(_file, bytes);
        Assert.Contains("is damaged", Refusal(() => Net.Fit(Rows(4), options)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_is_learned_from_or_held_back_as_a_whole()
    {
        for (var seed = 0L; seed < 20; seed++)
        {
            var rows = Rows(5);
            var (learned, held) = FitSplit.Of(rows, new() { Seed = seed, ValidationShare = 0.3 });
            Assert.Empty(learned.Select(rows.GroupOf).Intersect(held.Select(rows.GroupOf)));
            Assert.Equal(Enumerable.Range(0, rows.Count), learned.Concat(held).Order());
            Assert.InRange(held.Length, 0.3 * rows.Count, 0.5 * rows.Count);
        }
    }

    [Fact]
    public void Of_one_group_the_last_rows_are_held_back()
    {
        var (learned, held) = FitSplit.Of(Rows(1), new());
        Assert.Equal(Enumerable.Range(0, 48), learned);
        Assert.Equal(Enumerable.Range(48, 12), held);
    }

    [Fact]
    public void It_ends_early_when_validation_has_stopped_getting_better_and_keeps_the_best()
    {
        var heard = new List<string>();
        var result = Net.Fit(Noise(), Hasty, new Direct<FitEpoch>(e => heard.Add($"{e}")));
        Assert.True(result.StoppedEarly);
        Assert.Equal(result.BestEpoch + 3, result.Epochs.Length);
        Assert.Equal(result.Epochs.Length, heard.Count);
        Assert.EndsWith($"best: epoch {result.BestEpoch}", heard[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Steps_and_a_stop_bound_a_fit_and_patience_may_be_of_steps()
    {
        using var stop = new CancellationTokenSource();
        var result = Net.Fit(Noise(), Hasty with { PatienceSteps = 60 });
        var few = Net.Fit(Noise(), Hasty with { MaxSteps = 7 });
        var stopped = Net.Fit(Noise(), Hasty with { Stop = stop.Token, Patience = 50 }, new Direct<FitEpoch>(e =>
        {
            if (e.Epoch == 2) { stop.Cancel(); }
        }));
        var each = result.Steps / result.Epochs.Length;
        Assert.Equal(FitEnd.Patience, result.End);
        Assert.Equal((60 + each - 1) / each, result.Epochs.Length - result.BestEpoch);
        Assert.Equal((FitEnd.Steps, (7 + each - 1) / each), (few.End, few.Epochs.Length));
        Assert.Equal((FitEnd.Stopped, 2), (stopped.End, stopped.Epochs.Length));
        Assert.Throws<ArgumentOutOfRangeException>(() => Net.Fit(Noise(), new() { MaxSteps = 0 }));
    }

    [Fact]
    public void A_fit_that_goes_on_after_its_best_epoch_still_has_the_weights_of_that()
    {
        var whole = Net.Fit(Noise(), Hasty);
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Net.Fit(Noise(), Hasty with { StateFile = _file },
            new Direct<FitEpoch>(e => { if (e.Epoch > e.BestEpoch) { cancel.Cancel(); } }), cancel.Token));
        Assert.Equal(whole.Weights.Sha256(), Net.Fit(Noise(), Hasty with { StateFile = _file }).Weights.Sha256());
    }

    [Fact]
    public void At_least_one_group_is_learned_from()
    {
        var (learned, held) = FitSplit.Of(Rows(3), new() { ValidationShare = 0.95 });
        Assert.Equal((60, 120), (learned.Length, held.Length));
    }

    [Fact]
    public void Rows_that_do_not_fit_the_model_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Net.Fit(new(new float[3], new int[2])));
        Assert.Throws<ArgumentException>(() => Net.Fit(new(new float[4], new[] { 0, 3 })));
        Assert.Throws<ArgumentException>(() => Net.Fit(new(new[] { 1, 2, 3, float.NaN }, new[] { 0, 1 })));
        Assert.Throws<ArgumentException>(() => Net.Fit(new(new float[4], new float[2])));
        Assert.Throws<ArgumentException>(() => Net.Fit(Rows(2), new() { Augment = [Augmentation.Rotation()] }));
        Assert.Throws<ArgumentException>(() => Net.Fit(Rows(2), new() { ValidationGroups = [0, 1] }));
    }

    [Fact]
    public void It_ends_where_nothing_is_left_to_gain()
    {
        var result = Net.Fit(Noise(), Hasty with { MinLoss = 10, Patience = 50 });

        Assert.Equal((FitEnd.Minimum, 1), (result.End, result.Epochs.Length));
    }

    private static FitOptions Hasty => new() { Patience = 3, Optimizer = new Adam(0.05f) };

    /// <summary>Labels that nothing can be learned of.</summary>
    private static RecordedRows Noise()
    {
        var (rows, noise) = (Rows(4), new RandomStream(9, "labels"));
        return new(rows.Features, Enumerable.Range(0, rows.Count).Select(_ => noise.NextInt32(3)).ToArray()) { Groups = rows.Groups };
    }

    private static string Refusal(Action fit) => Assert.Throws<StateException>(fit).Message;

    /// <summary>The rows that were held back.</summary>
    private static Sample Held(FitResult result, RecordedRows rows)
    {
        var (_, held) = FitSplit.Of(rows, new());
        Assert.Equal(result.Validation!.Rows, held.Length);
        var features = held.SelectMany(r => rows.Features.Slice(2 * r, 2).ToArray());
        return new(features.ToArray(), held.Select(r => rows.Labels.Span[r]).ToArray());
    }

    /// <summary>Sixty rows of each group, of three classes at places of their own.</summary>
    private static RecordedRows Rows(int groups)
    {
        var random = new RandomStream(groups, "fit");
        var (features, labels) = (new float[groups * 120], new int[groups * 60]);
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = random.NextInt32(3);
            features[2 * i] = (float)((4 * labels[i]) + random.NextGaussian());
            features[(2 * i) + 1] = (float)((labels[i] == 1 ? 30 : 0) + (10 * random.NextGaussian()));
        }
        return new(features, labels) { Groups = Enumerable.Range(0, labels.Length).Select(static i => i / 60).ToArray() };
    }

    private sealed class Direct<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}
