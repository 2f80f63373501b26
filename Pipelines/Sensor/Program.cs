using Sensor;

return await SensorCommands.RunAsync(args).ConfigureAwait(false);
