using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Operators;

namespace Contract.Tests;

public sealed class CatalogTests
{
    [Fact]
    public void Every_operator_of_the_libraries_is_in_the_catalog()
    {
        var libraries = new[] { typeof(Pipeline), typeof(WindowOptions), typeof(IModel), typeof(StreamLearn.Aggregation.FedBuff),
            typeof(StreamLearn.Simulation.VirtualWorld), typeof(StreamLearn.Files.IdxFile) };

        var operators = libraries.Select(t => t.Assembly).Distinct()
            .SelectMany(a => a.GetTypes())
            .Where(t => t is { IsClass: true, IsAbstract: false } && t.IsSubclassOf(typeof(Operator)))
            .Select(t => t.Name);

        Assert.Equal(operators.Order(StringComparer.Ordinal), Catalog.Operators.Select(o => o.Operator).Order(StringComparer.Ordinal));
    }
}
