namespace StreamLearn.Learning.Tests;

public sealed class ConfusionMatrixTests
{
    // 20 rows; labels 6, 6, 8; answers 7, 6, 7; 14 right
    private static readonly ConfusionMatrix Matrix = new([5, 1, 0, 2, 3, 1, 0, 2, 6]);

    [Fact]
    public void Accuracy_and_kappas_are_as_worked_by_hand()
    {
        Assert.Equal((20L, 14L, 3), (Matrix.Rows, Matrix.Correct, Matrix.Classes));
        Assert.Equal(0.7, Matrix.Accuracy, 1e-12);
        Assert.Equal((0.7 - (134 / 400.0)) / (1 - (134 / 400.0)), Matrix.Kappa, 1e-12);      // 6·7 + 6·6 + 8·7 = 134
        Assert.Equal(0.5, Matrix.KappaM, 1e-12);                                             // (0.7 − 0.4)/(1 − 0.4)
        Assert.Equal(0.4, Matrix.Above(0.5), 1e-12);
    }

    [Fact]
    public void Recall_precision_and_F1_are_as_worked_by_hand()
    {
        Assert.Equal([5 / 6.0, 3 / 6.0, 6 / 8.0], Enumerable.Range(0, 3).Select(Matrix.Recall));
        Assert.Equal([5 / 7.0, 3 / 6.0, 6 / 7.0], Enumerable.Range(0, 3).Select(Matrix.Precision));
        Assert.Equal((10 / 13.0 + 0.5 + 0.8) / 3, Matrix.MacroF1, 1e-12);
    }

    [Fact]
    public void A_class_that_never_occurs_does_not_count_for_macro_F1()
    {
        var matrix = new ConfusionMatrix([2, 0, 0, 1, 1, 0, 0, 0, 0]);
        Assert.Equal(((4 / 5.0) + (2 / 3.0)) / 2, matrix.MacroF1, 1e-12);
    }

    [Fact]
    public void Without_rows_and_without_a_rival_to_beat_everything_is_zero()
    {
        var none = ConfusionMatrix.Empty(3);
        var alone = new ConfusionMatrix([4, 0, 0, 0]);
        Assert.Equal([0.0, 0, 0, 0, 0], new[] { none.Accuracy, none.Kappa, none.KappaM, none.MacroF1, none.Recall(1) });
        Assert.Equal([1.0, 0, 0, 1], new[] { alone.Accuracy, alone.Kappa, alone.KappaM, alone.MacroF1 });
    }

    [Fact]
    public void Matrices_add_up_and_compare_by_their_counts()
    {
        var sum = ConfusionMatrix.Add(Matrix, ConfusionMatrix.Empty(3));
        Assert.Equal(Matrix, sum);
        Assert.Equal(Matrix.GetHashCode(), sum.GetHashCode());
        Assert.Equal(40, ConfusionMatrix.Add(Matrix, Matrix).Rows);
        Assert.NotEqual(Matrix, ConfusionMatrix.Add(Matrix, Matrix));
        Assert.Throws<ArgumentException>(() => ConfusionMatrix.Add(Matrix, ConfusionMatrix.Empty(2)));
    }

    [Fact]
    public void Counts_that_are_no_square_or_below_zero_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new ConfusionMatrix([1, 2, 3]));
        Assert.Throws<ArgumentException>(() => new ConfusionMatrix(default(ImmutableArray<long>)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConfusionMatrix([1, 2, -3, 4]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Matrix[0, 3]);
    }
}
