// The Java client behind the lines of support/records.py.
//
//   Client produce ADDRESS TOPIC PARTITION [name=value ...]    records on standard input
//   Client consume ADDRESS TOPIC PARTITION COUNT               from the beginning
//
// Further settings go to the producer as they are.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public final class Client {
  private static final long PATIENCE_MS = 60_000;

  public static void main(String[] arguments) throws Exception {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
    String address = arguments[1];
    TopicPartition partition = new TopicPartition(arguments[2], Integer.parseInt(arguments[3]));
    if (arguments[0].equals("produce")) {
      produce(address, partition, List.of(arguments).subList(4, arguments.length));
    } else {
      consume(address, partition, Integer.parseInt(arguments[4]));
    }
  }

  private static void produce(String address, TopicPartition to, List<String> settings)
      throws Exception {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", address);
    properties.put("linger.ms", "5");
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      properties.put(setting.substring(0, equals), setting.substring(equals + 1));
    }
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
      for (String line = input.readLine(); line != null; line = input.readLine()) {
        String[] fields = line.split("\t", -1);
        sent.add(
            producer.send(
                new ProducerRecord<>(
                    to.topic(), to.partition(), bytes(fields[0]), bytes(fields[1]), headers(fields[2]))));
      }
      producer.flush();
    }
    PrintStream output = new PrintStream(System.out, false);
    for (int i = 0; i < sent.size(); i++) {
      try {
        output.println(i + "\t" + sent.get(i).get().offset());
      } catch (ExecutionException failure) {
        output.println(i + "\terror\t" + failure.getCause().getClass().getSimpleName());
      }
    }
    output.flush();
  }

  private static void consume(String address, TopicPartition from, int count) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", address);
    properties.put("enable.auto.commit", "false");
    PrintStream output = new PrintStream(System.out, false);
    int got = 0;
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(from));
      consumer.seekToBeginning(List.of(from));
      long deadline = System.currentTimeMillis() + PATIENCE_MS;
      while (got < count && System.currentTimeMillis() < deadline) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
          output.println(line(record));
          got++;
        }
      }
    }
    output.flush();
    if (got < count) {
      System.err.println("only " + got + " of " + count + " records came");
      System.exit(1);
    }
  }

  private static String line(ConsumerRecord<byte[], byte[]> record) {
    StringBuilder headers = new StringBuilder();
    for (Header header : record.headers()) {
      if (headers.length() > 0) headers.append(';');
      headers.append(header.key()).append('=').append(hex(header.value()));
    }
    return record.offset() + "\t" + hex(record.key()) + "\t" + hex(record.value()) + "\t" + headers;
  }

  private static List<Header> headers(String text) {
    List<Header> headers = new ArrayList<>();
    for (String pair : text.split(";")) {
      if (pair.isEmpty()) continue;
      int equals = pair.indexOf('=');
      headers.add(new RecordHeader(pair.substring(0, equals), bytes(pair.substring(equals + 1))));
    }
    return headers;
  }

  private static byte[] bytes(String text) {
    return text.equals("-") ? null : HexFormat.of().parseHex(text);
  }

  private static String hex(byte[] data) {
    return data == null ? "-" : HexFormat.of().formatHex(data);
  }
}
