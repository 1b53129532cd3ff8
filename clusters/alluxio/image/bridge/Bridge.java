import alluxio.AlluxioURI;
import alluxio.client.file.FileInStream;
import alluxio.client.file.FileOutStream;
import alluxio.client.file.FileSystem;
import alluxio.client.file.URIStatus;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Alluxio's own Java client behind a TCP port, for what our client does not speak: data. Streams stay open until they are
 * closed, by whichever connection.
 *
 * A request is a line of words, its answer one line; a connection has one request under way at a time:
 *   open PATH TEXT   creates a file, writes the text, leaves it open   -> ok
 *   close PATH       closes it, which commits its blocks               -> ok
 *   read PATH        reads a whole file                                -> ok TEXT
 *   list PATH        names of the directory's closed files             -> ok NAME NAME ...
 * A failure is answered by `error CLASS MESSAGE`, of the exception and what caused it.
 */
public final class Bridge {
  private static final int LONGEST_READ = 1 << 20;

  private static final Map<String, FileOutStream> OPEN = new ConcurrentHashMap<>();

  private final FileSystem files;

  private Bridge(FileSystem files) {
    this.files = files;
  }

  /** @param arguments the port */
  public static void main(String[] arguments) throws IOException {
    FileSystem files = FileSystem.Factory.get();
    try (ServerSocket listening = new ServerSocket(Integer.parseInt(arguments[0]))) {
      while (true) {
        Socket socket = listening.accept();
        Thread thread = new Thread(() -> new Bridge(files).serve(socket));
        thread.setDaemon(true);
        thread.start();
      }
    }
  }

  private void serve(Socket socket) {
    try (Socket closing = socket) {
      socket.setTcpNoDelay(true);
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      PrintWriter answers =
          new PrintWriter(new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.UTF_8));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        answers.print(answer(line.split(" ", 3)) + "\n");
        answers.flush();
      }
    } catch (IOException e) {
      System.err.println("connection ended: " + e);
    }
  }

  private String answer(String[] words) {
    try {
      switch (words[0]) {
        case "open":
          FileOutStream stream = files.createFile(new AlluxioURI(words[1]));
          stream.write(words[2].getBytes(StandardCharsets.UTF_8));
          OPEN.put(words[1], stream);
          return "ok";
        case "close":
          FileOutStream closing = OPEN.remove(words[1]);
          if (closing == null) return "error NotOpen " + words[1];
          closing.close();
          return "ok";
        case "read":
          return "ok " + read(words[1]);
        case "list":
          return "ok " + list(words[1]);
        default:
          return "error BadRequest " + words[0];
      }
    } catch (Throwable e) {
      return "error " + told(e);
    }
  }

  private String read(String path) throws Exception {
    byte[] bytes = new byte[LONGEST_READ];
    int length = 0;
    try (FileInStream stream = files.openFile(new AlluxioURI(path))) {
      for (int n; length < bytes.length; length += n) {
        n = stream.read(bytes, length, bytes.length - length);
        if (n < 0) break;
      }
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  private String list(String path) throws Exception {
    StringBuilder names = new StringBuilder();
    for (URIStatus status : files.listStatus(new AlluxioURI(path))) {
      if (status.isCompleted() && !status.isFolder()) names.append(status.getName()).append(' ');
    }
    return names.toString().trim();
  }

  private static String told(Throwable thrown) {
    StringBuilder text = new StringBuilder(thrown.getClass().getSimpleName());
    for (Throwable e = thrown; e != null && text.length() < 1000; e = e.getCause()) {
      text.append(' ').append(e).append(" |");
    }
    return text.toString().replace('\n', ' ');
  }
}
