namespace StreamLearn.Nodes;

public static partial class NodesFlowExtensions
{
    /// <summary>Answers each question with this tier, and asks the next tier if this one is unsure.</summary>
    /// <remarks> Shape: one answer per question, in order (main); questions for the next tier (side), to be published where
    /// <see cref="ServeTier"/> or another cascade subscribes; lessons from the next tier (third). The better of two answers is given. The
    /// next tier is not asked if this one is sure, an earlier answer applies, the question is more private than
    /// <see cref="CascadeOptions.Carries"/>, the next tier has missed deadlines, or no token is left. State: pending questions, threshold,
    /// tokens, cached answers. Cost: an answer of the tier, plus a cache search if unsure. Emits: decided answers before which no question
    /// is open. Counts: each outcome, <c>asked</c>; shows <c>threshold</c>, <c>waiting</c>. Drops: questions with a pending key as
    /// <c>duplicate</c>; answers to none pending as <c>late</c>. Source: Viola, Jones (2001), cascades; Chen, Zaharia, Zou (2023),
    /// FrugalGPT; Guo et al. (2017), calibration. </remarks>
    /// <param name="questions">The questions.</param>
    /// <param name="tier">This tier.</param>
    /// <param name="higher">The answers of the next tier for this source.</param>
    /// <param name="options">Settings; null: defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static Fork<CascadeAnswer, CascadeQuestion, CascadeLesson> Cascade(this Flow<CascadeQuestion> questions, ICascadeTier tier,
        Flow<CascadeAnswer> higher, CascadeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(questions);
        ArgumentNullException.ThrowIfNull(tier);
        ArgumentNullException.ThrowIfNull(higher);
        return questions.Via("cascade", new CascadeBlock(tier, (options ?? new()).Checked()),
            static (CascadeBlock block, OperatorContext context, IOutput<CascadeAnswer> answers, IOutput<CascadeQuestion> asked,
                IOutput<CascadeLesson> lessons) => new Cascade(block, context, answers, asked, lessons)).ControlledBy(higher);
    }

    /// <summary>Answers each question as the last tier of a cascade.</summary>
    /// <remarks>Shape: one answer per question. State: none. Cost: an answer of the tier. Emits: one message per message.</remarks>
    /// <param name="questions">The questions.</param>
    /// <param name="tier">The tier.</param>
    /// <param name="number">The number of the tier in its answers, from 1; default 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is less than 1.</exception>
    public static Flow<CascadeAnswer> ServeTier(this Flow<CascadeQuestion> questions, ICascadeTier tier, int number = 1)
    {
        ArgumentNullException.ThrowIfNull(questions);
        ArgumentNullException.ThrowIfNull(tier);
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        return questions.Via("serve-tier", new ServeTierBlock(tier, number),
            static (ServeTierBlock block, OperatorContext context, IOutput<CascadeAnswer> output) =>
                new ServeTier(block, context, output));
    }

    /// <summary>Converts each row to a question: its float32 columns in order, with the labels of the columns and of the row.</summary>
    /// <remarks>Shape: a batch in, a question per row out. State: the number of rows without a key. Cost: a copy of the values. Emits: a
    /// message per row. Drops: <c>schema</c>.</remarks>
    /// <param name="rows">The rows.</param>
    /// <param name="key">The int64 key column; default the event time.</param>
    /// <param name="maxRows">Maximum number of rows in a batch, at least 1; a batch with more throws. Default 1,024.</param>
    /// <exception cref="ArgumentException">The key is empty, or the number of rows below 1.</exception>
    public static Flow<CascadeQuestion> ToQuestions(this Flow<Batch> rows, string key = Schema.TimeColumn, int maxRows = 1024)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRows, 1);
        return rows.Via("to-questions", new RowQuestionsBlock(key, maxRows),
            static (RowQuestionsBlock block, OperatorContext context, IOutput<CascadeQuestion> output) =>
                new RowQuestions(block, context, output));
    }
}
